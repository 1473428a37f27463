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
