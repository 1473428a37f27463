import { innerProduct, type Random } from '../base/index.ts';
import type { Csr } from './graph.ts';
import { dominantSubspace, orthonormal, rowMajor, times } from './subspace.ts';

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
  const drawn = Float64Array.from({ length: nodes * rank }, () => random.normal());
  const start = Array.from({ length: rank }, (_, k) =>
    Float64Array.from({ length: nodes }, (__, node) => drawn[node * rank + k]),
  );
  const matrix = { ...neighbours, values: new Float64Array(neighbours.entries.length).fill(1) };
  const columns = dominantSubspace(matrix, orthonormal(start), powers);
  const turned = times(matrix, columns);
  const core = Float64Array.from(columns.flatMap((own) => turned.map((other) => innerProduct(own, other))));
  const basis = rowMajor(columns, nodes);
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
