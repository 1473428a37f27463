import { expect, it } from 'vitest';
import { choleskySolve, Random } from '../../core/base/index.ts';
import { type Csr, csrOf, propagateLabels } from '../../core/graph/index.ts';

const CLASSES = 3;

/** A ring with chords, both ways, and two nodes apart: one alone, one pair without a label. */
function graph(nodes: number, random: Random): Csr {
  const joined = Array.from({ length: nodes + 3 }, () => new Set<number>());
  const join = (a: number, b: number) => {
    if (a === b) return;
    joined[a].add(b);
    joined[b].add(a);
  };
  for (let node = 0; node < nodes; node++) {
    join(node, (node + 1) % nodes);
    join(node, random.int(nodes));
  }
  join(nodes + 1, nodes + 2);
  return csrOf(joined.map((own) => Int32Array.from(own).sort()));
}

it('is the harmonic function: (D − A) f = A₍known₎ y, solved densely', () => {
  const random = new Random(3);
  const nodes = 30;
  const neighbours = graph(nodes, random);
  const labels = Int32Array.from({ length: nodes + 3 }, (_, node) =>
    node < nodes && node % 4 === 0 ? random.int(CLASSES) : -1,
  );
  const shares = propagateLabels(neighbours, labels, CLASSES, { rounds: 10_000, tolerance: 1e-13 });

  const free = [...labels.keys()].filter((node) => node < nodes && labels[node] < 0);
  const own = (node: number) => [
    ...neighbours.entries.subarray(neighbours.offsets[node], neighbours.offsets[node + 1]),
  ];
  for (let c = 0; c < CLASSES; c++) {
    const laplacian = new Float64Array(free.length ** 2);
    const right = new Float64Array(free.length);
    free.forEach((node, i) => {
      laplacian[i * free.length + i] = own(node).length;
      for (const other of own(node)) {
        const j = free.indexOf(other);
        if (j >= 0) laplacian[i * free.length + j] -= 1;
        else right[i] += Number(labels[other] === c);
      }
    });
    const solved = choleskySolve(laplacian, right);
    free.forEach((node, i) => {
      expect(shares[node * CLASSES + c]).toBeCloseTo(solved[i], 9);
    });
  }
});

it('leaves known labels alone, and gives nodes that none reaches the shares of all', () => {
  const neighbours = graph(8, new Random(1));
  const labels = Int32Array.of(0, -1, 1, -1, 1, -1, 1, -1, -1, -1, -1);
  const shares = propagateLabels(neighbours, labels, 2);
  expect([...shares.subarray(0, 2)]).toEqual([1, 0]);
  expect([...shares.subarray(4, 6)]).toEqual([0, 1]);
  for (const node of [8, 9, 10]) {
    expect(shares[node * 2]).toBeCloseTo(0.25, 12);
    expect(shares[node * 2 + 1]).toBeCloseTo(0.75, 12);
  }
});
