import { EtalonError, Random } from '../base/index.ts';
import type { InteractionData } from './data.ts';
import type { EdgeTable } from './edges.ts';
import { type RankingTask, rankingTask } from './evaluation/index.ts';
import {
  leaveOneOut,
  type Split,
  splitByTime,
  splitPairsAtRandom,
  splitUsersAtRandom,
  splitUsersByTime,
} from './splits/index.ts';

/** Which edges of the type that is predicted are held out: see `splits/`. */
export const HOLD_OUT_WAYS = ['userTime', 'time', 'leaveOneOut', 'random'] as const;
export type HoldOutWay = (typeof HOLD_OUT_WAYS)[number];

export interface HoldOut {
  readonly way: HoldOutWay;
  /** Shares of the edges, of each user or of all; leave-one-out takes none. */
  readonly test: number;
  readonly validation: number;
  readonly seed: number;
}

/** What is held out at random is the same for all runs, so that they can be compared. */
export const HOLD_OUT_SEED = 1;

/** What may be learned from, and what is asked. */
export interface HeldOutData {
  /** Without anything that is held out, and without what other types of edges would give away of it. */
  readonly train: InteractionData;
  /** The same with the edges for validation. */
  readonly known: InteractionData;
  /** What `train`, then `known`, is asked to find; null where nothing is held out for it. */
  readonly validation: RankingTask | null;
  readonly test: RankingTask | null;
  /** The held-out edges themselves, with what else is known of them: when, where from. */
  readonly heldOut: Readonly<Record<'validation' | 'test', EdgeTable>>;
}

/**
 * Holds out edges of one type. With one cut by time, edges of all other types from it on go too, but for those of `questions`, which
 * are part of what is asked: who typed a query is known when it is. Else of other types between the same
 * nodes, a user's edges from the first held-out moment on go, and whatever joins a held-out pair: a purchase would give its click
 * away. At random, both directions of a pair of nodes of one type go together. Throws `usage` where a way by time has no times.
 */
export function holdOut(
  data: InteractionData,
  type: string,
  how: HoldOut,
  questions: readonly string[] = [],
): HeldOutData {
  const edges = data.edges(type);
  const split = splitOf(edges, how);
  const known = joined(split.train, split.validation).sort();
  const unseen = joined(split.validation, split.test);
  const only = how.way === 'time' ? onlyBefore : onlyKnown;
  const asked = questions.map((name) => data.edges(name));
  return {
    train: only(data, edges, split.train, unseen).withEdges(...asked),
    known: only(data, edges, known, split.test).withEdges(...asked),
    validation: taskOf(data, type, split.train, split.validation),
    test: taskOf(data, type, known, split.test),
    heldOut: { validation: edges.take(split.validation), test: edges.take(split.test) },
  };
}

function splitOf(edges: EdgeTable, { way, seed, ...shares }: HoldOut): Split {
  switch (way) {
    case 'userTime':
      return splitUsersByTime(edges, { shares });
    case 'time':
      return splitByTime(edges, shares);
    case 'leaveOneOut':
      return leaveOneOut(edges);
    case 'random':
      return edges.from === edges.to
        ? splitPairsAtRandom(edges, shares, new Random(seed))
        : splitUsersAtRandom(edges, { shares }, new Random(seed));
    default:
      throw new EtalonError('internal', `internal: unknown way of holding out ${way satisfies never}`);
  }
}

function taskOf(
  data: InteractionData,
  type: string,
  known: Int32Array,
  relevant: Int32Array,
): RankingTask | null {
  return relevant.length > 0 ? rankingTask(data, type, { known, relevant }) : null;
}

/** Everything as it was when the first unseen edge came to be. */
function onlyBefore(
  data: InteractionData,
  { timesS }: EdgeTable,
  _kept: Int32Array,
  unseen: Int32Array,
): InteractionData {
  return unseen.length === 0
    ? data
    : data.asOf(unseen.reduce((least, edge) => Math.min(least, timesS![edge]), Number.POSITIVE_INFINITY));
}

function onlyKnown(
  data: InteractionData,
  edges: EdgeTable,
  kept: Int32Array,
  unseen: Int32Array,
): InteractionData {
  if (unseen.length === 0) return data;
  const pairOf = (table: EdgeTable, edge: number) => `${table.fromRows[edge]} ${table.toRows[edge]}`;
  const pairs = new Set(Array.from(unseen, (edge) => pairOf(edges, edge)));
  const from = new Map<number, number>();
  for (const edge of edges.timesS ? unseen : [])
    from.set(
      edges.fromRows[edge],
      Math.min(from.get(edges.fromRows[edge]) ?? Number.POSITIVE_INFINITY, edges.timesS![edge]),
    );
  const others = sameEnds(data, edges).map((table) =>
    table.filter((edge) => {
      const first = from.get(table.fromRows[edge]);
      const isLater = first !== undefined && table.timesS !== null && !(table.timesS[edge] < first);
      return !isLater && !pairs.has(pairOf(table, edge));
    }),
  );
  return data.withEdges(edges.take(kept), ...others);
}

/** The other types of edges that lead from and to nodes of the same types. */
export function sameEnds(data: InteractionData, { name, from, to }: EdgeTable): EdgeTable[] {
  return data.edgeTypes
    .filter((other) => other !== name)
    .map((other) => data.edges(other))
    .filter((table) => table.from === from && table.to === to);
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
