import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { svd } from '../../core/base/matrix.ts';
import { csrOf, lowRankAdjacency } from '../../core/graph/index.ts';

const NODES = 40;

/** Three blocks of nodes, mostly joined inside. */
function blocks(random: Random) {
  const joined = Array.from({ length: NODES }, () => [] as number[]);
  for (let a = 0; a < NODES; a++)
    for (let b = 0; b < a; b++)
      if (random.uniform() < (a % 3 === b % 3 ? 0.7 : 0.1)) {
        joined[a].push(b);
        joined[b].push(a);
      }
  const matrix = new Float64Array(NODES ** 2);
  joined.forEach((own, a) => {
    for (const b of own) matrix[a * NODES + b] = 1;
  });
  return { neighbours: csrOf(joined.map((own) => Int32Array.from(own).sort())), matrix };
}

it('is the truncated singular value decomposition: Jacobi’s of the dense matrix', () => {
  const { neighbours, matrix } = blocks(new Random(2));
  const { u, values, v } = svd(matrix, NODES);
  const rank = 3;
  const { value } = lowRankAdjacency(neighbours, rank, new Random(5), { powers: 200 });
  for (let a = 0; a < NODES; a++)
    for (let b = 0; b < NODES; b++) {
      let expected = 0;
      for (let k = 0; k < rank; k++) expected += u[a * NODES + k] * values[k] * v[b * NODES + k];
      expect(value(a, b)).toBeCloseTo(expected, 6);
    }
});

it('has orthonormal columns, also of more than the matrix has, and the same bits for the same seed', () => {
  const path = csrOf([Int32Array.of(1), Int32Array.of(0), Int32Array.of()]);
  const { basis, value } = lowRankAdjacency(path, 3, new Random(1));
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      const inner = [0, 1, 2].reduce((sum, node) => sum + basis[node * 3 + i] * basis[node * 3 + j], 0);
      // The third column has nothing left to span.
      expect(inner).toBeCloseTo(i === j && i < 2 ? 1 : 0, 9);
    }
  expect([value(0, 1), value(1, 0), value(0, 0), value(0, 2)]).toEqual([
    expect.closeTo(1, 9),
    expect.closeTo(1, 9),
    expect.closeTo(0, 9),
    expect.closeTo(0, 9),
  ]);
  expect(lowRankAdjacency(path, 3, new Random(1)).basis).toEqual(basis);
});
