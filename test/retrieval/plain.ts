import type { Random } from '../../core/base/index.ts';
import type { Metric } from '../../core/retrieval/index.ts';

/** Standard normal rows [count, dimension]. */
export function gaussian(count: number, dimension: number, random: Random): Float32Array {
  return Float32Array.from({ length: count * dimension }, () => random.normal());
}

/** Distances of all rows from a query by the definitions, in float64: the oracle of every search. */
export function plainDistances(data: Float32Array, query: Float32Array, metric: Metric): number[] {
  const n = query.length;
  const q = Array.from(query);
  const product = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  return Array.from({ length: data.length / n }, (_, row) => {
    const x = Array.from(data.subarray(row * n, (row + 1) * n));
    if (metric === 'innerProduct') return -product(x, q);
    if (metric === 'l2') return Math.hypot(...x.map((value, i) => value - q[i]));
    return 1 - product(x, q) / Math.sqrt(product(x, x) * product(q, q));
  });
}

export function plainNearest(data: Float32Array, query: Float32Array, metric: Metric, k: number) {
  return plainDistances(data, query, metric)
    .map((distance, row) => ({ row, distance }))
    .sort((a, b) => a.distance - b.distance || a.row - b.row)
    .slice(0, k);
}
