import { type BoundedFigure, blockBootstrap, Random } from '../../base/index.ts';
import { rowOf } from '../pairs.ts';
import type { RankingTask } from './task.ts';

/** What one source of candidates offers each user of a task, in the order of its users: best first, each once. */
export type CandidateLists = readonly Int32Array[];

const RESAMPLES = 1000;

/** Two lists in turns, the first one beginning, until there are `count`; what both have stands once. */
export function inTurns(first: Int32Array, second: Int32Array, count: number): Int32Array {
  const taken = new Set<number>();
  for (let i = 0; i < Math.max(first.length, second.length) && taken.size < count; i++)
    for (const list of [first, second]) if (i < list.length && taken.size < count) taken.add(list[i]);
  return Int32Array.from(taken);
}

/** What either list has, however long that is. */
export function union(first: Int32Array, second: Int32Array): Int32Array {
  return inTurns(first, second, Number.POSITIVE_INFINITY);
}

/** [users of the task] share of each user's relevant items that the user's list has, 0 … 1. */
export function recallOfLists({ users, relevant }: RankingTask, lists: CandidateLists): Float64Array {
  return Float64Array.from(users, (user, i) => {
    const offered = new Set(lists[i]);
    const own = rowOf(relevant, user);
    return own.filter((item) => offered.has(item)).length / own.length;
  });
}

/** Of what two sources offer: the share that both do, |A ∩ B| / |A ∪ B| over all users. */
export function overlapOf(first: CandidateLists, second: CandidateLists): number {
  let [both, either] = [0, 0];
  first.forEach((list, i) => {
    const other = new Set(second[i]);
    const shared = list.filter((item) => other.has(item)).length;
    both += shared;
    either += list.length + other.size - shared;
  });
  return both / either;
}

/** Mean over users with its 95 % interval. */
export function meanOfUsers(values: Float64Array, seed = 1): BoundedFigure {
  return blockBootstrap([...values.keys()], [values], [([mean]) => mean], new Random(seed), RESAMPLES)[0];
}

/** By which share the mean of the first is above that of the second, of the same users, with its 95 % interval. */
export function relativeGain(first: Float64Array, second: Float64Array, seed = 1): BoundedFigure {
  const gain = ([a, b]: Float64Array) => a / b - 1;
  return blockBootstrap([...first.keys()], [first, second], [gain], new Random(seed), RESAMPLES)[0];
}

export interface ListOptions {
  /** Only items of a higher score; −Infinity where left out. */
  readonly above?: number;
  readonly excluded: ReadonlySet<number>;
  /** [items] equal scores are in this order. */
  readonly tieOrder: ArrayLike<number>;
}

/** The best items by score [items], at most `count`. */
export function listOf(
  scores: Float32Array,
  count: number,
  { above = Number.NEGATIVE_INFINITY, excluded, tieOrder }: ListOptions,
): Int32Array {
  const fitting: number[] = [];
  for (let item = 0; item < scores.length; item++)
    if (scores[item] > above && !excluded.has(item)) fitting.push(item);
  fitting.sort((a, b) => scores[b] - scores[a] || tieOrder[a] - tieOrder[b]);
  return Int32Array.from(fitting.slice(0, count));
}
