import { EtalonError } from '../../base/index.ts';

/**
 * Items 0 … scores.length − 1 from the highest score down, without those of `excluded` (what a user has already);
 * the lower number first where scores are equal. Throws `internal` where a score is not a number.
 */
export function rankItems(scores: ArrayLike<number>, excluded: ReadonlySet<number> = new Set()): Int32Array {
  const items = Array.from({ length: scores.length }, (_, item) => item);
  const broken = items.find((item) => Number.isNaN(scores[item]));
  if (broken !== undefined)
    throw new EtalonError('internal', `internal: the score of item ${broken} is not a number`);
  return Int32Array.from(
    items.filter((item) => !excluded.has(item)).sort((a, b) => scores[b] - scores[a] || a - b),
  );
}

/** Share of the relevant items that stand among the first k of a ranking, 0 … 1. */
export function recallAt(k: number, ranking: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  return hitsAt(k, ranking, relevant).length / countOf(relevant);
}

/**
 * Normalised discounted cumulative gain of the first k (Järvelin & Kekäläinen 2002) with gain 1 for a relevant item:
 * Σ 1 / log₂(rank + 1) over the hits, divided by that of the best ranking possible, 0 … 1.
 */
export function ndcgAt(k: number, ranking: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  const gain = (ranks: readonly number[]) =>
    ranks.reduce((total, rank) => total + 1 / Math.log2(rank + 1), 0);
  const best = Array.from({ length: Math.min(k, countOf(relevant)) }, (_, i) => i + 1);
  return gain(hitsAt(k, ranking, relevant)) / gain(best);
}

/**
 * NDCG of the first k with gains of any size (Järvelin & Kekäläinen 2002): Σ gain / log₂(rank + 1) by falling scores, divided by the
 * same by falling gains, 0 … 1. Items of equal scores share the mean of their gains, so that their order is of no use.
 * Throws `internal` for a gain below 0 and where all are 0.
 */
export function gradedNdcgAt(k: number, scores: ArrayLike<number>, gains: ArrayLike<number>): number {
  const own = Array.from(gains);
  if (own.some((gain) => !(gain >= 0)) || own.every((gain) => gain === 0))
    throw new EtalonError('internal', 'internal: a ranking needs gains of 0 and more, one of them above 0');
  const byScore = [...rankItems(scores)];
  const tied = Map.groupBy(byScore, (item) => scores[item]);
  const shared = new Map(
    [...tied].map(([score, items]) => [score, items.reduce((sum, i) => sum + own[i], 0) / items.length]),
  );
  const discounted = (ranked: readonly number[]) =>
    ranked.slice(0, k).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
  return (
    discounted(byScore.map((item) => shared.get(scores[item])!)) / discounted(own.toSorted((a, b) => b - a))
  );
}

/** 1 ÷ the rank of the first relevant item, counted from 1; 0 where none is ranked. Its mean over queries is the MRR. */
export function reciprocalRank(ranking: ArrayLike<number>, relevant: ReadonlySet<number>): number {
  countOf(relevant);
  const [first] = hitsAt(ranking.length, ranking, relevant);
  return first === undefined ? 0 : 1 / first;
}

/** Ranks, counted from 1, of the relevant items among the first k. */
function hitsAt(k: number, ranking: ArrayLike<number>, relevant: ReadonlySet<number>): number[] {
  const ranks: number[] = [];
  for (let i = 0; i < Math.min(k, ranking.length); i++) if (relevant.has(ranking[i])) ranks.push(i + 1);
  return ranks;
}

function countOf(relevant: ReadonlySet<number>): number {
  if (relevant.size === 0)
    throw new EtalonError('internal', 'internal: a ranking without a relevant item has no figure');
  return relevant.size;
}
