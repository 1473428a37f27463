import { choleskySolve } from './cholesky.ts';

/** A linear function of columns: weights, one for each, and what it is without any of them. */
export interface LinearModel {
  readonly weights: Float64Array;
  readonly intercept: number;
}

/**
 * Ridge regression: the w and b that make mean((y − w · x − b)²) + λ |w|² least, for each λ (Hoerl & Kennard 1970); columns are best scaled
 * alike. In one pass over the rows, then one Cholesky factorisation for each λ. Throws a RangeError where λ = 0 and columns hang together.
 * @param rows [rows][columns] @param targets [rows]
 */
export function ridgeRegression(
  rows: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  penalties: readonly number[],
): LinearModel[] {
  const width = rows[0].length;
  const side = width + 1;
  const count = rows.length;
  const normal = new Float64Array(side * side);
  const right = new Float64Array(side);
  const x = new Float64Array(side).fill(1);
  rows.forEach((row, r) => {
    for (let c = 0; c < width; c++) x[c] = row[c];
    for (let a = 0; a < side; a++) {
      const value = x[a] / count;
      if (value === 0) continue;
      right[a] += value * targets[r];
      // The solver reads the lower half alone.
      for (let b = 0, at = a * side; b <= a; b++, at++) normal[at] += value * x[b];
    }
  });
  return penalties.map((penalty) => {
    const matrix = normal.slice();
    for (let c = 0; c < width; c++) matrix[c * side + c] += penalty;
    const solved = choleskySolve(matrix, right.slice());
    return { weights: solved.slice(0, width), intercept: solved[width] };
  });
}

/** w · x + b. */
export function linearValue({ weights, intercept }: LinearModel, row: ArrayLike<number>): number {
  return weights.reduce((sum, weight, c) => sum + weight * row[c], intercept);
}
