import { innerProduct, multiply, Random, svd, transpose } from '../base/index.ts';
import type { Csr } from './graph.ts';
import { addTo, dominantSubspace, rowMajor, times } from './subspace.ts';

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
  const start = Array.from({ length: width }, () =>
    Float64Array.from({ length: nodes }, () => random.normal()),
  );
  const matrix = { ...neighbours, values: normalised(neighbours, weights) };
  const basis = dominantSubspace(matrix, start, rounds);
  const positions = times(matrix, nearestBasis(basis, start));
  return Float32Array.from(rowMajor(positions, nodes), (value) => value * Math.sqrt(nodes));
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

/** The orthonormal basis of the same subspace that is nearest to the start: B U Vᵀ with BᵀS = U Σ Vᵀ (orthogonal Procrustes). */
function nearestBasis(basis: readonly Float64Array[], start: readonly Float64Array[]): Float64Array[] {
  const width = basis.length;
  const products = basis.flatMap((own) => start.map((other) => innerProduct(own, other)));
  const { u, v } = svd(Float64Array.from(products), width);
  const turn = multiply(u, transpose(v, width), width);
  return start.map((_, j) => {
    const column = new Float64Array(start[0].length);
    basis.forEach((own, i) => {
      addTo(column, own, turn[i * width + j]);
    });
    return column;
  });
}
