import { multiply, Random } from '../base/index.ts';
import type { Csr } from './graph.ts';

/** Steps that make the inverse root of a Gram matrix; each squares what is left of the error. */
const ROOT_STEPS = 24;

/**
 * Where nodes are in a network: P Λ √n of its normalised adjacency D^−½ A D^−½ ≈ P Λ Pᵀ, so that p_u · p_v is large for nodes with many neighbours in common
 * beside how many they have (spectral embedding as positional encoding: Dwivedi et al. 2020). By subspace iteration from a random start that belongs to the seed, made
 * orthonormal symmetrically, Y (YᵀY)^−½, so that a network that hardly changed gives positions that hardly do. A node without neighbours is 0 everywhere.
 * [nodes, width]
 */
export function spectralPositions(
  neighbours: Csr,
  { width, rounds, seed }: { width: number; rounds: number; seed: number },
): Float32Array<ArrayBuffer> {
  const nodes = neighbours.offsets.length - 1;
  const random = new Random(seed);
  let basis = new Float64Array(nodes * width);
  for (let i = 0; i < basis.length; i++) basis[i] = random.normal();
  for (let round = 0; round < rounds; round++)
    basis = orthonormal(propagated(neighbours, basis, width), width);
  return Float32Array.from(propagated(neighbours, basis, width), (value) => value * Math.sqrt(nodes));
}

/** D^−½ A D^−½ X */
function propagated({ offsets, entries }: Csr, x: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(x.length);
  const degreeOf = (node: number) => offsets[node + 1] - offsets[node];
  for (let node = 0; node + 1 < offsets.length; node++)
    for (let at = offsets[node]; at < offsets[node + 1]; at++) {
      const other = entries[at];
      const weight = 1 / Math.sqrt(degreeOf(node) * degreeOf(other));
      for (let k = 0; k < width; k++) result[node * width + k] += weight * x[other * width + k];
    }
  return result;
}

/** Y (YᵀY)^−½, the nearest matrix whose columns are orthonormal. */
function orthonormal(y: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const gram = new Float64Array(width * width);
  for (let row = 0; row < y.length; row += width)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) gram[i * width + j] += y[row + i] * y[row + j];
  const root = inverseRoot(gram, width);
  const result = new Float64Array(y.length);
  for (let row = 0; row < y.length; row += width)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) result[row + j] += y[row + i] * root[i * width + j];
  return result;
}

/** G^−½ of a positive definite matrix by the coupled Newton–Schulz iteration (Higham 2008, § 6.7). */
function inverseRoot(gram: Float64Array, width: number): Float64Array {
  let scale = 0;
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += Math.abs(gram[i * width + j]);
    scale = Math.max(scale, sum);
  }
  let y: Float64Array = gram.map((value) => value / scale);
  let z: Float64Array = new Float64Array(width * width);
  for (let i = 0; i < width; i++) z[i * width + i] = 1;
  for (let step = 0; step < ROOT_STEPS; step++) {
    const t = multiply(z, y, width).map((value, at) => ((at % (width + 1) === 0 ? 3 : 0) - value) / 2);
    y = multiply(y, t, width);
    z = multiply(t, z, width);
  }
  return z.map((value) => value / Math.sqrt(scale));
}
