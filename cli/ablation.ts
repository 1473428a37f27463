import type { EtaMetrics } from '@etalon/core/api/contract';
import { percent, table } from './format.ts';

/** The figures of one variant, by seed. */
export interface AblationRow {
  name: string;
  /** What differs from the whole, as `key=value`. */
  change: string;
  bySeed: EtaMetrics[];
}

/** 97.5 % quantiles of Student's t by degrees of freedom, from 1 on; beyond, the normal's. */
const T_QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/**
 * Mean of a figure's differences, seed by seed, with the half width of its 95 % interval (paired t); null where one seed
 * tells nothing of the spread.
 */
export function pairedDifference(
  values: readonly number[],
  base: readonly number[],
): { mean: number; half: number | null } {
  const differences = values.map((value, i) => value - base[i]);
  const n = differences.length;
  const mean = differences.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { mean, half: null };
  const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return { mean, half: (T_QUANTILES[n - 2] ?? 1.96) * Math.sqrt(variance / n) };
}

/** One table: the whole first, then each part taken away or put in. */
export function describeAblation(rows: readonly AblationRow[]): string {
  const [whole] = rows;
  const mean = (row: AblationRow, of: (metrics: EtaMetrics) => number) =>
    row.bySeed.reduce((sum, metrics) => sum + of(metrics), 0) / row.bySeed.length;
  const mae = (row: AblationRow) => row.bySeed.map(({ maeS }) => maeS);
  return table(
    ['Variant', 'MAE', 'against the whole', 'MAPE', 'Bad ETAs', '80 % covers', 'Changed'],
    rows.map((row) => {
      const { mean: difference, half } = pairedDifference(mae(row), mae(whole));
      const against = `${difference > 0 ? '+' : ''}${difference.toFixed(2)} s${half === null ? '' : ` ± ${half.toFixed(2)}`}`;
      return [
        row.name,
        `${mean(row, ({ maeS }) => maeS).toFixed(2)} s`,
        row === whole ? '' : against,
        percent(
          mean(row, ({ mape }) => mape),
          2,
        ),
        percent(
          mean(row, ({ badShare }) => badShare),
          2,
        ),
        percent(mean(row, ({ coverage80 }) => coverage80 ?? Number.NaN)),
        row.change,
      ];
    }),
  );
}
