import type { Random } from '../base/index.ts';
import type { Csr } from './graph.ts';

/** A ≈ Q B Qᵀ of a symmetric adjacency. */
export interface LowRank {
  readonly rank: number;
  /** [nodes · rank] orthonormal columns. */
  readonly basis: Float64Array;
  /** [rank · rank] symmetric. */
  readonly core: Float64Array;
  /** The approximated entry of two nodes. */
  value(first: number, second: number): number;
}

/**
 * A symmetric adjacency of low rank by randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4 and eq. 5.3): Q spans
 * Aᵖ Ω for random Ω, B = Qᵀ A Q. For enough `powers` the truncated singular value decomposition.
 * @param neighbours of each node, both ways.
 */
export function lowRankAdjacency(
  neighbours: Csr,
  rank: number,
  random: Random,
  { powers = 20 }: { powers?: number } = {},
): LowRank {
  const nodes = neighbours.offsets.length - 1;
  let basis = orthonormal(
    Float64Array.from({ length: nodes * rank }, () => random.normal()),
    rank,
  );
  for (let power = 0; power < powers; power++) basis = orthonormal(product(neighbours, basis, rank), rank);
  const turned = product(neighbours, basis, rank);
  const core = new Float64Array(rank * rank);
  for (let node = 0; node < nodes; node++)
    for (let i = 0; i < rank; i++)
      for (let j = 0; j < rank; j++) core[i * rank + j] += basis[node * rank + i] * turned[node * rank + j];
  return {
    rank,
    basis,
    core,
    value(first, second) {
      let sum = 0;
      for (let i = 0; i < rank; i++)
        for (let j = 0; j < rank; j++)
          sum += basis[first * rank + i] * core[i * rank + j] * basis[second * rank + j];
      return sum;
    },
  };
}

/** A · X, [nodes · rank]. */
function product({ offsets, entries }: Csr, x: Float64Array, rank: number): Float64Array {
  const result = new Float64Array(x.length);
  for (let node = 0; node + 1 < offsets.length; node++)
    for (let i = offsets[node]; i < offsets[node + 1]; i++)
      for (let k = 0; k < rank; k++) result[node * rank + k] += x[entries[i] * rank + k];
  return result;
}

/** The columns made orthonormal one after the other (modified Gram–Schmidt, twice); one that hangs on those before becomes 0. */
function orthonormal(x: Float64Array, rank: number): Float64Array {
  const inner = (a: number, b: number) => {
    let sum = 0;
    for (let at = 0; at < x.length; at += rank) sum += x[at + a] * x[at + b];
    return sum;
  };
  for (let k = 0; k < rank; k++) {
    const before = Math.sqrt(inner(k, k));
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < k; j++) {
        const part = inner(j, k);
        for (let at = 0; at < x.length; at += rank) x[at + k] -= part * x[at + j];
      }
    const length = Math.sqrt(inner(k, k));
    const scale = length > before * 1e-10 ? 1 / length : 0;
    for (let at = k; at < x.length; at += rank) x[at] *= scale;
  }
  return x;
}
