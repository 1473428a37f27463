import type { Reasons } from './definition.ts';

/** Several of those who can be asked, asked as one: a board by its pins, a household. */
export interface AskedGroup {
  /** Rows of its members among the users. */
  readonly members: Int32Array;
  /** Rows of items that it must not be offered. */
  readonly taken: Int32Array;
}

/** How many members are told. */
const TOLD = 10;

/**
 * [items] a group's score is the mean of those of its members; 0 for a group without any.
 * @param scores [members · items]
 */
export function groupScores(scores: Float32Array, members: number, items: number): Float32Array {
  const means = new Float32Array(items);
  for (let member = 0; member < members; member++)
    for (let item = 0; item < items; item++) means[item] += scores[member * items + item] / members;
  return means;
}

/** Each member has its share of a group's score: those that count most are told, the rest is the others'. */
export function groupReasons(ids: readonly string[], memberScores: readonly number[]): Reasons {
  const shares = memberScores.map((score, i) => ({ item: ids[i], share: score / memberScores.length }));
  const sum = (of: readonly { share: number }[]) => of.reduce((total, { share }) => total + share, 0);
  const interactions = shares.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share)).slice(0, TOLD);
  const score = sum(shares);
  return { score, alone: 0, interactions, neighbours: [], features: [], rest: score - sum(interactions) };
}
