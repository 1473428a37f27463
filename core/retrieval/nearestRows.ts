/** Rows taken at a time. */
const GROUP = 4;

/** Centroids as {@link nearestRows} wants them: float64, their number made even by one that is never chosen. */
export interface CentroidTable {
  n: number;
  /** [even, n] */
  values: Float64Array;
  /** [even] ½ ‖c‖² */
  halfSquares: Float64Array;
}

export function centroidTable(centroids: Float32Array, n: number): CentroidTable {
  const count = centroids.length / n;
  const even = count + (count % 2);
  const values = new Float64Array(even * n);
  values.set(centroids);
  const halfSquares = new Float64Array(even).fill(Infinity);
  for (let c = 0; c < count; c++) halfSquares[c] = squareOf(values, c * n, n) / 2;
  return { n, values, halfSquares };
}

/**
 * The nearest centroid by Euclidean distance, the first of equals, of rows [begin, end) of n numbers. Writes each row's choice and its
 * squared distance at the row's own place. ½‖x − c‖² = ½‖x‖² + (½‖c‖² − x·c), of which only the bracket is compared. Four rows
 * meet two centroids at a time, in float64: a number is then loaded once for two or four products.
 */
export function nearestRows(
  rows: Float32Array,
  [begin, end]: readonly [number, number],
  centroids: CentroidTable,
  nearest: Int32Array,
  squared: Float32Array,
): void {
  const { n } = centroids;
  const group = new Float64Array(GROUP * n);
  const at = new Int32Array(GROUP);
  const best = new Float64Array(GROUP);
  for (let row = begin; row < end; row += GROUP) {
    const size = Math.min(GROUP, end - row);
    for (let i = 0; i < size * n; i++) group[i] = rows[row * n + i];
    nearestOfGroup(group, centroids, at, best);
    for (let i = 0; i < size; i++) {
      nearest[row + i] = at[i];
      squared[row + i] = Math.max(0, 2 * best[i] + squareOf(group, i * n, n));
    }
  }
}

function nearestOfGroup(
  group: Float64Array,
  { n, values, halfSquares }: CentroidTable,
  at: Int32Array,
  best: Float64Array,
): void {
  best.fill(Infinity);
  const row1 = n;
  const row2 = 2 * n;
  const row3 = 3 * n;
  for (let c = 0; c < halfSquares.length; c += 2) {
    const start = c * n;
    const next = start + n;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (let i = 0; i < n; i++) {
      const a = values[start + i];
      const b = values[next + i];
      const x0 = group[i];
      const x1 = group[row1 + i];
      const x2 = group[row2 + i];
      const x3 = group[row3 + i];
      a0 += a * x0;
      a1 += a * x1;
      a2 += a * x2;
      a3 += a * x3;
      b0 += b * x0;
      b1 += b * x1;
      b2 += b * x2;
      b3 += b * x3;
    }
    const halfA = halfSquares[c];
    const halfB = halfSquares[c + 1];
    take(0, halfA - a0, halfB - b0, c, at, best);
    take(1, halfA - a1, halfB - b1, c, at, best);
    take(2, halfA - a2, halfB - b2, c, at, best);
    take(3, halfA - a3, halfB - b3, c, at, best);
  }
}

function take(i: number, a: number, b: number, c: number, at: Int32Array, best: Float64Array): void {
  if (a < best[i]) {
    best[i] = a;
    at[i] = c;
  }
  if (b < best[i]) {
    best[i] = b;
    at[i] = c + 1;
  }
}

function squareOf(values: Float64Array, start: number, n: number): number {
  let sum = 0;
  for (let i = start; i < start + n; i++) sum += values[i] * values[i];
  return sum;
}
