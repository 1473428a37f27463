import { EtalonError } from '@etalon/core/base';
import type { EdgeTable, InteractionData } from '@etalon/core/interactions';
import { assertSocial, histories } from './pairs.ts';

const DAY_S = 86_400;

/** What is predicted of each pair in a window of time, from what was known before it. */
export interface TargetWindow {
  /** The last second that may be known, in seconds since 1970-01-01T00:00Z. */
  readonly untilS: number;
  readonly pairs: readonly (readonly [u: number, v: number])[];
  readonly targets: Float32Array;
}

export interface WindowOptions {
  readonly windowDays: number;
  /** Windows at most, the latest ones. */
  readonly most: number;
  /** Windows back for which an event keeps a pair among those that are asked for. */
  readonly memory: number;
}

/** What the affinity of a pair is: the first number of its edges, their weight, or log(1 + how many there are). */
export interface Target {
  readonly name: string;
  /** Null: counted. */
  readonly values: ArrayLike<number> | null;
}

export function targetOf({ name, features, weights }: EdgeTable): Target {
  for (const [feature, column] of Object.entries(features))
    if (column.kind === 'numeric') return { name: feature, values: column.values };
  return weights ? { name: 'weight', values: weights } : { name: `log(1 + ${name})`, values: null };
}

/**
 * Windows of time with their targets, the earliest first. Edges with a number are each a target (the mean where a pair has several in a window).
 * Edges without are counted: of every pair that had to do with each other in the windows before. Edges without times are one window,
 * after everything. Throws `input` where nothing can be predicted.
 */
export function targetWindows(data: InteractionData, type: string, options: WindowOptions): TargetWindow[] {
  const edges = data.edges(type);
  assertSocial(edges);
  const windows = targetOf(edges).values ? valued(data, edges, options) : counted(edges, options);
  if (windows.length === 0)
    throw new EtalonError('input', `No affinity can be learned from the edges "${type}".`, {
      remedy: 'They need numbers, weights, or times that span two windows at least; see windowDays.',
    });
  return windows;
}

/** Up to when all that tells about pairs has been recorded: the moment from which the next window is predicted. */
export function latestMoment(data: InteractionData, type: string, { windowDays }: WindowOptions): number {
  const edges = data.edges(type);
  const hasNumbers = (table: EdgeTable) =>
    table.timesS !== null && Object.values(table.features).some(({ kind }) => kind === 'numeric');
  const others = histories(data, edges).filter((table) => table !== edges && hasNumbers(table));
  const own = lastTime(edges);
  if (!targetOf(edges).values || others.length === 0) return own ?? 0;
  const recorded = Math.min(...others.map((table) => lastTime(table) ?? Number.POSITIVE_INFINITY));
  return own === null ? recorded : Math.max(recorded, own - windowDays * DAY_S);
}

function valued(
  data: InteractionData,
  edges: EdgeTable,
  { windowDays, most }: WindowOptions,
): TargetWindow[] {
  const { values } = targetOf(edges);
  const last = lastTime(edges);
  const windowS = windowDays * DAY_S;
  const byWindow = new Map<
    number,
    Map<string, { pair: readonly [number, number]; sum: number; n: number }>
  >();
  for (let edge = 0; edge < edges.count; edge++) {
    const [u, v] = [edges.fromRows[edge], edges.toRows[edge]];
    const timeS = edges.timesS?.[edge];
    if (u === v || Number.isNaN(values![edge]) || Number.isNaN(timeS)) continue;
    const back = last === null ? 0 : Math.floor((last - timeS!) / windowS);
    if (back >= most) continue;
    const own = byWindow.get(back) ?? new Map();
    byWindow.set(back, own);
    const key = `${u} ${v}`;
    const known = own.get(key) ?? { pair: [u, v], sum: 0, n: 0 };
    known.sum += values![edge];
    known.n++;
    own.set(key, known);
  }
  const latest = Math.max(...histories(data, edges).map((table) => lastTime(table) ?? 0));
  return [...byWindow]
    .sort(([a], [b]) => b - a)
    .map(([back, own]) => ({
      untilS: last === null ? latest : last - (back + 1) * windowS,
      pairs: Array.from(own.values(), ({ pair }) => pair),
      targets: Float32Array.from(own.values(), ({ sum, n }) => sum / n),
    }));
}

function counted(edges: EdgeTable, { windowDays, most, memory }: WindowOptions): TargetWindow[] {
  const { timesS, fromRows, toRows } = edges;
  const last = lastTime(edges);
  if (!timesS || last === null) return [];
  const windowS = windowDays * DAY_S;
  const first = timesS.reduce((least, timeS) => (timeS < least ? timeS : least), last);
  const windows: TargetWindow[] = [];
  for (let back = 0; back < most; back++) {
    const untilS = last - (back + 1) * windowS;
    if (untilS < first) break;
    const targets = new Map<string, { pair: readonly [number, number]; n: number }>();
    const ask = (u: number, v: number) => {
      if (u !== v && !targets.has(`${u} ${v}`)) targets.set(`${u} ${v}`, { pair: [u, v], n: 0 });
    };
    const recent = edges.where((e) => timesS[e] <= untilS && timesS[e] > untilS - memory * windowS);
    for (const edge of recent) {
      ask(fromRows[edge], toRows[edge]);
      ask(toRows[edge], fromRows[edge]);
    }
    for (const edge of edges.where((e) => timesS[e] > untilS && timesS[e] <= untilS + windowS)) {
      const target = targets.get(`${fromRows[edge]} ${toRows[edge]}`);
      if (target) target.n++;
    }
    if (targets.size > 0)
      windows.unshift({
        untilS,
        pairs: Array.from(targets.values(), ({ pair }) => pair),
        targets: Float32Array.from(targets.values(), ({ n }) => Math.log1p(n)),
      });
  }
  return windows;
}

function lastTime({ timesS }: EdgeTable): number | null {
  const last = timesS?.reduce((most, timeS) => (timeS > most ? timeS : most), Number.NEGATIVE_INFINITY);
  return last !== undefined && Number.isFinite(last) ? last : null;
}
