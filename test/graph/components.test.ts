import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { connectedComponents } from '../../core/graph/index.ts';

it('joins exactly the nodes that reach each other, numbered by the first of each', () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = new Random(seed);
    const nodeCount = 40;
    const ends = () => Int32Array.from({ length: 12 * seed }, () => random.int(nodeCount));
    const [senders, receivers] = [ends(), ends()];
    // Warshall's transitive closure.
    const reach = Array.from({ length: nodeCount }, (_, i) =>
      Array.from({ length: nodeCount }, (__, j) => i === j),
    );
    senders.forEach((from, edge) => {
      reach[from][receivers[edge]] = reach[receivers[edge]][from] = true;
    });
    for (let k = 0; k < nodeCount; k++)
      for (let i = 0; i < nodeCount; i++)
        for (let j = 0; j < nodeCount; j++) if (reach[i][k] && reach[k][j]) reach[i][j] = true;
    const { of, count } = connectedComponents({ nodeCount, senders, receivers });
    const first = Array.from(of, (_, node) => reach[node].indexOf(true));
    const roots = [...new Set(first)].sort((a, b) => a - b);
    expect(count).toBe(roots.length);
    expect([...of]).toEqual(first.map((root) => roots.indexOf(root)));
  }
});

it('knows no component of no nodes', () => {
  const none = new Int32Array();
  expect(connectedComponents({ nodeCount: 0, senders: none, receivers: none })).toEqual({
    count: 0,
    of: none,
  });
});
