import type { ApiInteractionSummary, ApiNodeList } from '../../api/interactions.ts';
import type { ApiRecommenderChoice } from '../../api/recommenders.ts';
import { breathe, type TaskContext, throwIfCancelled, toEtalonError } from '../../base/index.ts';
import {
  type EdgeTable,
  holdOut,
  type InteractionData,
  pairsOf,
  sameEnds,
} from '../../interactions/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { learnsFrom } from './learnsFrom.ts';
import { titleOf } from './recommend.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Steps of time that a person reads; the longest goes on by itself. */
const STEPS_S = [HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 28 * DAY_S, 364 * DAY_S];
const MOST_STEPS = 60;

interface NodeQuestion {
  data: string;
  edges: string;
  end: 'from' | 'to';
  text: string;
  limit: number;
}

/** Looks into the project's interactions; keeps the data set that was asked for last. */
export class InteractionReader {
  readonly #store: ProjectStore;
  #kept: { name: string; data: InteractionData } | null = null;

  constructor(store: ProjectStore) {
    this.#store = store;
  }

  /** Throws `not-found` for data or edges that are not there. */
  nodes({ data: name, edges, end, text, limit }: NodeQuestion): ApiNodeList {
    const data = this.#data(name);
    const table = data.edges(edges);
    const nodes = data.nodes(table[end]);
    const degrees = data.degrees(edges, end === 'from' ? 'out' : 'in');
    const wanted = text.trim().toLowerCase();
    const found = Array.from(nodes.ids.keys()).flatMap((row) => {
      const title = titleOf(nodes, row);
      const quality = matchOf(wanted, nodes.ids[row], title);
      return quality === null ? [] : [{ row, title, quality, edges: degrees[row] }];
    });
    found.sort((a, b) => b.quality - a.quality || b.edges - a.edges || a.row - b.row);
    return {
      type: nodes.name,
      total: nodes.count,
      matching: found.length,
      rows: found
        .slice(0, limit)
        .map(({ row, title, edges: count }) => ({ id: nodes.ids[row], title, edges: count })),
    };
  }

  /** Throws `not-found` for data or edges that are not there, `cancelled`. */
  async summary(
    choice: ApiRecommenderChoice & { data: string; edges: string },
    context: TaskContext,
  ): Promise<ApiInteractionSummary> {
    const step = async (stage: string) => {
      context.report({ stage, done: 0 });
      await breathe();
      throwIfCancelled(context.signal);
    };
    await step('Reading the interactions');
    const data = this.#data(choice.data);
    const table = data.edges(choice.edges);
    await step('Counting');
    const [out, into] = [data.degrees(table.name, 'out'), data.degrees(table.name, 'in')];
    const counted = {
      edges: table.count,
      pairs: pairsOf(table, data.nodes(table.from).count).entries.length,
      from: endOf(table.from, out),
      to: endOf(table.to, into),
      fromDegrees: degreeBuckets(out),
      toDegrees: degreeBuckets(into),
      overTime: overTime(table),
      features: featuresOf(data, table),
    };
    await step('Holding out');
    return { ...counted, ...this.#heldOut(data, choice) };
  }

  /** What cannot be held out is a finding, not a failure of the summary. */
  #heldOut(
    data: InteractionData,
    choice: ApiRecommenderChoice & { edges: string },
  ): Pick<ApiInteractionSummary, 'heldOut' | 'problem'> {
    try {
      const { holdOut: how } = learnsFrom(this.#store.info(), choice);
      const { known, test } = holdOut(data, choice.edges, how);
      const knownCount = known.edges(choice.edges).count;
      const heldOut = {
        known: knownCount,
        test: data.edges(choice.edges).count - knownCount,
        asked: test?.users.length ?? 0,
      };
      return { heldOut, problem: null };
    } catch (thrown) {
      const { message, remedy } = toEtalonError(thrown);
      return { heldOut: null, problem: [message, remedy].filter(Boolean).join(' ') };
    }
  }

  #data(name: string): InteractionData {
    if (this.#kept?.name !== name) this.#kept = { name, data: this.#store.readInteractions(name) };
    return this.#kept.data;
  }
}

/** How well a text finds a node: 3 its very identifier, 2 a beginning, 1 a part; null not at all. */
function matchOf(wanted: string, id: string, title: string | null): number | null {
  if (wanted === '') return 0;
  const names = [id.toLowerCase(), title?.toLowerCase() ?? ''];
  if (names.includes(wanted)) return 3;
  if (names.some((name) => name.startsWith(wanted))) return 2;
  return names.some((name) => name.includes(wanted)) ? 1 : null;
}

function endOf(type: string, degrees: Uint32Array): ApiInteractionSummary['from'] {
  const active = degrees.filter((degree) => degree > 0).sort();
  return {
    type,
    nodes: degrees.length,
    active: active.length,
    median: active.length > 0 ? active[active.length >> 1] : 0,
  };
}

/** 0, 1, 2–3, 4–7 … */
function degreeBuckets(degrees: Uint32Array): ApiInteractionSummary['fromDegrees'] {
  const bucketOf = (degree: number) => 32 - Math.clz32(degree);
  const counts = new Map<number, number>();
  for (const degree of degrees) counts.set(bucketOf(degree), (counts.get(bucketOf(degree)) ?? 0) + 1);
  const last = Math.max(0, ...counts.keys());
  return Array.from({ length: last + 1 }, (_, k) => ({
    least: k === 0 ? 0 : 2 ** (k - 1),
    most: k === 0 ? 0 : 2 ** k - 1,
    nodes: counts.get(k) ?? 0,
  }));
}

/** Steps that begin at whole multiples of their length. */
function overTime({ timesS }: EdgeTable): ApiInteractionSummary['overTime'] {
  let [firstS, lastS] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of timesS ?? []) {
    if (time < firstS) firstS = time;
    if (time > lastS) lastS = time;
  }
  if (!timesS || !(firstS <= lastS)) return null;
  const fits = (stepS: number) => Math.floor(lastS / stepS) - Math.floor(firstS / stepS) < MOST_STEPS;
  let stepS = STEPS_S.find(fits) ?? STEPS_S.at(-1)!;
  while (!fits(stepS)) stepS *= 2;
  const first = Math.floor(firstS / stepS);
  const edges = new Array<number>(Math.floor(lastS / stepS) - first + 1).fill(0);
  for (const time of timesS) if (!Number.isNaN(time)) edges[Math.floor(time / stepS) - first]++;
  return { fromS: first * stepS, stepS, edges };
}

function featuresOf(data: InteractionData, table: EdgeTable): ApiInteractionSummary['features'] {
  const ends = [...new Set([table.from, table.to])].map((type) => data.nodes(type));
  const edges = [table, ...sameEnds(data, table)];
  return [...ends, ...edges].flatMap(({ name: of, features }) =>
    Object.entries(features).map(([name, { kind }]) => ({ of, name, kind })),
  );
}
