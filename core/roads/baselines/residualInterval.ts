import type { EtaEstimates } from './baseline.ts';

const BUCKETS = 10;

/**
 * An 80 % interval around any estimate, from training: the 10 % and 90 % quantiles of observed ÷ estimated among
 * trips of about the same estimated duration (tenths of the trips), since short trips scatter more.
 */
export class ResidualInterval {
  /** Upper bounds of the first nine tenths, in estimated seconds. */
  readonly #bounds: number[];
  readonly #low: number[] = [];
  readonly #high: number[] = [];

  constructor(estimatedS: ArrayLike<number>, observedS: ArrayLike<number>) {
    const order = Array.from({ length: estimatedS.length }, (_, trip) => trip)
      .filter((trip) => observedS[trip] > 0 && estimatedS[trip] > 0)
      .sort((a, b) => estimatedS[a] - estimatedS[b]);
    const buckets = Math.max(1, Math.min(BUCKETS, Math.floor(order.length / 20)));
    const start = (bucket: number) => Math.floor((bucket * order.length) / buckets);
    this.#bounds = Array.from({ length: buckets - 1 }, (_, bucket) => estimatedS[order[start(bucket + 1)]]);
    for (let bucket = 0; bucket < buckets; bucket++) {
      const ratios = order
        .slice(start(bucket), start(bucket + 1))
        .map((trip) => observedS[trip] / estimatedS[trip])
        .sort((a, b) => a - b);
      this.#low.push(quantile(ratios, 0.1));
      this.#high.push(quantile(ratios, 0.9));
    }
  }

  around(medianS: Float32Array): EtaEstimates {
    const bucketOf = (seconds: number) => {
      const bucket = this.#bounds.findIndex((bound) => seconds < bound);
      return bucket < 0 ? this.#bounds.length : bucket;
    };
    return {
      medianS,
      low80S: medianS.map((seconds) => seconds * this.#low[bucketOf(seconds)]),
      high80S: medianS.map((seconds) => seconds * this.#high[bucketOf(seconds)]),
    };
  }
}

/** Linear interpolation between the two nearest of the sorted values; 1 where there is none. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 1;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
