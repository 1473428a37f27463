import { innerProduct } from '../base/index.ts';
import type { Csr } from './graph.ts';

/** What is left of a column beside those before it counts as nothing below this share. */
const NOTHING = 1e-10;

/** A symmetric matrix by nodes: of each row the entries at the node's neighbours, in their order. */
export interface NodeMatrix extends Csr {
  readonly values: ArrayLike<number>;
}

/** M X, column by column. */
export function times(
  { offsets, entries, values }: NodeMatrix,
  columns: readonly Float64Array[],
): Float64Array[] {
  return columns.map((x) => {
    const result = new Float64Array(x.length);
    for (let node = 0; node < result.length; node++) {
      let sum = 0;
      for (let at = offsets[node]; at < offsets[node + 1]; at++) sum += values[at] * x[entries[at]];
      result[node] = sum;
    }
    return result;
  });
}

/** Makes columns orthonormal in their place, one after the other (modified Gram–Schmidt, twice); one that hangs on those before becomes 0. */
export function orthonormal(columns: Float64Array[]): Float64Array[] {
  columns.forEach((column, k) => {
    const before = Math.sqrt(innerProduct(column, column));
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < k; j++) addTo(column, columns[j], -innerProduct(columns[j], column));
    const length = Math.sqrt(innerProduct(column, column));
    const scale = length > before * NOTHING ? 1 / length : 0;
    for (let row = 0; row < column.length; row++) column[row] *= scale;
  });
  return columns;
}

/** Subspace iteration: an orthonormal basis of what `rounds` products with M make of the start, which for enough of them are its largest eigenvectors'. */
export function dominantSubspace(
  matrix: NodeMatrix,
  start: readonly Float64Array[],
  rounds: number,
): readonly Float64Array[] {
  let basis = start;
  for (let round = 0; round < rounds; round++) basis = orthonormal(times(matrix, basis));
  return basis;
}

/** column + factor · other, in its place. */
export function addTo(column: Float64Array, other: Float64Array, factor: number): void {
  for (let row = 0; row < column.length; row++) column[row] += factor * other[row];
}

/** [rows · columns] */
export function rowMajor(columns: readonly Float64Array[], rows: number): Float64Array {
  const width = columns.length;
  const result = new Float64Array(rows * width);
  columns.forEach((column, k) => {
    for (let row = 0; row < rows; row++) result[row * width + k] = column[row];
  });
  return result;
}
