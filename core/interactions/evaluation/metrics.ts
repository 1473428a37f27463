import type { UserRanks } from './ranks.ts';

/*
 * Figures of one user, from the places r₁ < r₂ < … (from 1) of R relevant items:
 *   recall@k = hits / R, precision@k = hits / k, hit@k = 1 where hits > 0, hits = |{ i : rᵢ ≤ k }|
 *   ndcg@k = Σ_{rᵢ ≤ k} 1 / log₂(rᵢ + 1) over Σ_{i ≤ min(k, R)} 1 / log₂(i + 1)   (Järvelin & Kekäläinen 2002, gain 1)
 *   mrr = 1 / r₁, map = 1/R Σ i / rᵢ, both over the whole ranking, and auc.
 */

const AT_K = {
  recall: (hits: number, _k: number, relevant: number) => hits / relevant,
  precision: (hits: number, k: number) => hits / k,
  hit: (hits: number) => (hits > 0 ? 1 : 0),
} as const;

/** `recall@10`, …, `mrr`, `map`, `auc`, in the order of {@link userFigures}. */
export function figureNames(ks: readonly number[]): string[] {
  const names = ks.flatMap((k) => [...Object.keys(AT_K), 'ndcg'].map((name) => `${name}@${k}`));
  return [...names, 'mrr', 'map', 'auc'];
}

export function userFigures({ ranks, auc }: UserRanks, ks: readonly number[]): number[] {
  const atK = ks.flatMap((k) => {
    const hits = ranks.filter((rank) => rank <= k);
    return [
      ...Object.values(AT_K).map((figure) => figure(hits.length, k, ranks.length)),
      gain(hits) / bestGain(Math.min(k, ranks.length)),
    ];
  });
  const precisions = ranks.reduce((sum, rank, i) => sum + (i + 1) / rank, 0);
  return [...atK, 1 / ranks[0], precisions / ranks.length, auc];
}

function gain(ranks: Float64Array): number {
  return ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0);
}

function bestGain(count: number): number {
  return gain(Float64Array.from({ length: count }, (_, i) => i + 1));
}

/** Gini coefficient of how often each item is shown, 0 (all alike) … 1 (one alone); NaN where none is. */
export function gini(shown: Uint32Array): number {
  const sorted = shown.slice().sort();
  const total = sorted.reduce((sum, count) => sum + count, 0);
  const weighted = sorted.reduce((sum, count, i) => sum + (i + 1) * count, 0);
  const n = sorted.length;
  return (2 * weighted) / (n * total) - (n + 1) / n;
}
