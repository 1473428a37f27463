import { Random, svd } from '../base/index.ts';
import type { Csr } from './graph.ts';

/** What is left of a column beside those before it counts as nothing below this share. */
const NOTHING = 1e-9;

/**
 * Where nodes are in a network: P Λ √n of its normalised adjacency D^−½ A D^−½ ≈ P Λ Pᵀ, so that p_u · p_v is large for nodes with many neighbours in common
 * beside how many they have (spectral embedding as positional encoding: Dwivedi et al. 2020). By subspace iteration from a random start that belongs to the seed; the basis
 * of the subspace is the one nearest to the start, so that a network that hardly changed gives positions that hardly do. A node without neighbours is 0 everywhere.
 * [nodes, width]
 * @param weights [entries] of the neighbours, the same both ways, none below 0; left out: 1 each
 */
export function spectralPositions(
  neighbours: Csr,
  { width, rounds, seed }: { width: number; rounds: number; seed: number },
  weights?: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const nodes = neighbours.offsets.length - 1;
  const random = new Random(seed);
  const start = columnsOf(width, nodes, () => random.normal());
  const matrix = normalised(neighbours, weights);
  const times = (columns: readonly Float64Array[]) =>
    columns.map((column) => propagated(neighbours, matrix, column));
  let basis = start;
  for (let round = 0; round < rounds; round++) basis = orthonormal(times(basis));
  const positions = times(nearestBasis(basis, start));
  return Float32Array.from(
    { length: nodes * width },
    (_, i) => positions[i % width][Math.floor(i / width)] * Math.sqrt(nodes),
  );
}

function columnsOf(
  width: number,
  rows: number,
  value: (column: number, row: number) => number,
): Float64Array[] {
  return Array.from({ length: width }, (_, k) =>
    Float64Array.from({ length: rows }, (_, row) => value(k, row)),
  );
}

/** The entries of D^−½ A D^−½, in their order. */
function normalised({ offsets, entries }: Csr, weights?: ArrayLike<number>): Float64Array {
  const values = weights ? Float64Array.from(weights) : new Float64Array(entries.length).fill(1);
  const degrees = Float64Array.from({ length: offsets.length - 1 }, (_, node) =>
    values.subarray(offsets[node], offsets[node + 1]).reduce((sum, value) => sum + value, 0),
  );
  for (let node = 0; node < degrees.length; node++)
    for (let at = offsets[node]; at < offsets[node + 1]; at++)
      if (values[at] > 0) values[at] /= Math.sqrt(degrees[node] * degrees[entries[at]]);
  return values;
}

/** M x */
function propagated({ offsets, entries }: Csr, matrix: Float64Array, x: Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let node = 0; node < result.length; node++) {
    let sum = 0;
    for (let at = offsets[node]; at < offsets[node + 1]; at++) sum += matrix[at] * x[entries[at]];
    result[node] = sum;
  }
  return result;
}

/** Makes columns orthonormal in their place, each beside those before it (modified Gram–Schmidt); one that those before it give is 0. */
function orthonormal(columns: Float64Array[]): Float64Array[] {
  columns.forEach((column, k) => {
    const length = Math.sqrt(product(column, column));
    for (const before of columns.slice(0, k)) addTo(column, before, -product(before, column));
    const left = Math.sqrt(product(column, column));
    const scale = left > NOTHING * length ? 1 / left : 0;
    for (let row = 0; row < column.length; row++) column[row] *= scale;
  });
  return columns;
}

/** The orthonormal basis of the same subspace that is nearest to the start: B U Vᵀ with BᵀS = U Σ Vᵀ (orthogonal Procrustes). */
function nearestBasis(basis: readonly Float64Array[], start: readonly Float64Array[]): Float64Array[] {
  const width = basis.length;
  const { u, v } = svd(
    Float64Array.from(basis.flatMap((own) => start.map((other) => product(own, other)))),
    width,
  );
  return start.map((_, j) => {
    const column = new Float64Array(start[0].length);
    basis.forEach((own, i) => {
      let turn = 0;
      for (let k = 0; k < width; k++) turn += u[i * width + k] * v[j * width + k];
      addTo(column, own, turn);
    });
    return column;
  });
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addTo(column: Float64Array, other: Float64Array, factor: number): void {
  for (let row = 0; row < column.length; row++) column[row] += factor * other[row];
}
