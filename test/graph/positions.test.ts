import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Csr, csrOf, spectralPositions } from '../../core/graph/index.ts';

const OPTIONS = { width: 3, rounds: 40, seed: 1 };

it('gives the best approximation of the network: products are those of its largest eigenvalues', () => {
  // Three cliques in a ring: besides the three largest eigenvalues all are small.
  const nodes = 24;
  const friends = network(
    nodes,
    (u, v) => Math.floor(u / 8) === Math.floor(v / 8) || (u % 8 === 0 && v % 8 === 0),
  );
  const positions = spectralPositions(friends, OPTIONS);
  const { values, vectors } = eigenvectors(normalised(friends), nodes);
  const largest = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, 3);
  for (let u = 0; u < nodes; u++)
    for (let v = 0; v < nodes; v++) {
      const expected = largest.reduce(
        (sum, k) => sum + nodes * values[k] ** 2 * vectors[u * nodes + k] * vectors[v * nodes + k],
        0,
      );
      expect(product(positions, u, v)).toBeCloseTo(expected, 4);
    }
});

it('counts each friendship as much as its weight', () => {
  const nodes = 12;
  const friends = network(nodes, (u, v) => Math.floor(u / 4) === Math.floor(v / 4) || (u + v) % 5 === 0);
  const weightOf = (u: number, v: number) => 1 + ((u * v) % 4);
  const ends = [...Array(nodes).keys()].flatMap((u) =>
    Array.from(friends.entries.subarray(friends.offsets[u], friends.offsets[u + 1]), (v) => [u, v]),
  );
  const weights = ends.map(([u, v]) => weightOf(u, v));
  // As wide as there are nodes all eigenvalues are kept: products are those of the squared matrix.
  const width = nodes;
  const positions = spectralPositions(friends, { width, rounds: 4, seed: 1 }, weights);
  const matrix = normalised(friends, (at) => weights[at]);
  for (let u = 0; u < nodes; u++)
    for (let v = 0; v < nodes; v++) {
      let squared = 0;
      for (let k = 0; k < nodes; k++) squared += matrix[u * nodes + k] * matrix[k * nodes + v];
      let own = 0;
      for (let k = 0; k < width; k++) own += positions[u * width + k] * positions[v * width + k];
      expect(own).toBeCloseTo(nodes * squared, 4);
    }
});

it('hardly moves anybody when one friendship is made, and not those without a neighbour', () => {
  const random = new Random(2);
  const group = (u: number) => u % 3;
  const drawn = Array.from({ length: 60 * 60 }, () => random.uniform());
  const isFriend = (u: number, v: number) =>
    u < 58 && v < 58 && drawn[Math.min(u, v) * 60 + Math.max(u, v)] < (group(u) === group(v) ? 0.6 : 0.1);
  const before = spectralPositions(network(60, isFriend), OPTIONS);
  const after = spectralPositions(
    network(60, (u, v) => isFriend(u, v) || (u + v === 1 && Math.abs(u - v) === 1)),
    OPTIONS,
  );
  const moved = Math.hypot(...after.map((value, i) => value - before[i])) / Math.hypot(...before);
  expect(moved).toBeLessThan(0.1);
  expect([...before.subarray(58 * 3)]).toEqual(new Array(6).fill(0));
  expect(spectralPositions(network(60, isFriend), { ...OPTIONS, seed: 2 })).not.toEqual(before);
});

function network(nodes: number, isFriend: (u: number, v: number) => boolean): Csr {
  const all = [...Array(nodes).keys()];
  return csrOf(all.map((u) => Int32Array.from(all.filter((v) => v !== u && isFriend(u, v)))));
}

function product(positions: Float32Array, u: number, v: number): number {
  return [0, 1, 2].reduce((sum, k) => sum + positions[3 * u + k] * positions[3 * v + k], 0);
}

function normalised({ offsets, entries }: Csr, weightOf = (_at: number) => 1): Float64Array {
  const nodes = offsets.length - 1;
  const matrix = new Float64Array(nodes * nodes);
  const degree = new Float64Array(nodes);
  for (let u = 0; u < nodes; u++)
    for (let at = offsets[u]; at < offsets[u + 1]; at++) degree[u] += weightOf(at);
  for (let u = 0; u < nodes; u++)
    for (let at = offsets[u]; at < offsets[u + 1]; at++)
      matrix[u * nodes + entries[at]] = weightOf(at) / Math.sqrt(degree[u] * degree[entries[at]]);
  return matrix;
}

/** By cyclic Jacobi rotations of the symmetric matrix; vectors in columns. */
function eigenvectors(matrix: Float64Array, n: number): { values: number[]; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) < 1e-14) continue;
        const angle = 0.5 * Math.atan2(2 * a[p * n + q], a[q * n + q] - a[p * n + p]);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const turn = (of: Float64Array, i: number, j: number) => {
          const [x, y] = [of[i], of[j]];
          of[i] = c * x - s * y;
          of[j] = s * x + c * y;
        };
        for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
        for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
        for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q);
      }
  return { values: Array.from({ length: n }, (_, i) => a[i * n + i]), vectors };
}
