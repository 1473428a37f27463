import { EtalonError } from './errors.ts';
import type { Random } from './random.ts';

/** A figure, and the bounds that hold 95 % of the figures of resampled data. */
export interface BoundedFigure {
  value: number;
  low: number;
  high: number;
}

const RESAMPLES = 2000;

/**
 * Figures of means over rows, with 95 % intervals by a bootstrap of whole blocks (Efron & Tibshirani 1993, §8.6; percentiles).
 * Trips of one day share its traffic and are not independent; days drawn with replacement keep that.
 * @param blockOf [N] any whole number by which rows hang together, such as the local day
 * @param columns [N] each: what is averaged, such as the absolute error of either predictor
 * @param figures each of the means of the columns, in their order
 * Throws `internal` without rows.
 */
export function blockBootstrap(
  blockOf: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
  figures: readonly ((means: Float64Array) => number)[],
  random: Random,
  resamples = RESAMPLES,
): BoundedFigure[] {
  const sums = blockSums(blockOf, columns);
  if (sums.length === 0) throw new EtalonError('internal', 'internal: a bootstrap of no rows');
  const width = columns.length;
  const means = (blocks: Iterable<number>): Float64Array => {
    const total = new Float64Array(width + 1);
    for (const block of blocks) for (let i = 0; i <= width; i++) total[i] += sums[block][i];
    return total.subarray(0, width).map((sum) => sum / total[width]);
  };
  const drawn = figures.map(() => new Float64Array(resamples));
  const blocks = new Uint32Array(sums.length);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < blocks.length; i++) blocks[i] = random.int(sums.length);
    const resampled = means(blocks);
    figures.forEach((figure, i) => {
      drawn[i][resample] = figure(resampled);
    });
  }
  const all = means(sums.keys());
  return figures.map((figure, i) => {
    const sorted = drawn[i].sort();
    const at = (share: number) => sorted[Math.round(share * (resamples - 1))];
    return { value: figure(all), low: at(0.025), high: at(0.975) };
  });
}

/** Per block the sum of each column, and last the number of rows. */
function blockSums(blockOf: ArrayLike<number>, columns: readonly ArrayLike<number>[]): Float64Array[] {
  const sums = new Map<number, Float64Array>();
  for (let row = 0; row < blockOf.length; row++) {
    let sum = sums.get(blockOf[row]);
    if (!sum) {
      sum = new Float64Array(columns.length + 1);
      sums.set(blockOf[row], sum);
    }
    for (let i = 0; i < columns.length; i++) sum[i] += columns[i][row];
    sum[columns.length]++;
  }
  return [...sums.values()];
}
