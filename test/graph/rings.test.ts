import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { groupBy, Rings, ringsOf } from '../../core/graph/index.ts';

it('finds the nodes at a distance, as Floyd and Warshall do', () => {
  const nodes = 30;
  const random = new Random(4);
  const pairs = Array.from({ length: 45 }, () => [random.int(nodes), random.int(nodes)]);
  const from = pairs.flat();
  const to = pairs.flatMap(([a, b]) => [b, a]);
  const { offsets, entries } = groupBy(from, nodes);
  const neighbours = { offsets, entries: entries.map((edge) => to[edge]) };
  const distance = Array.from({ length: nodes }, (_, a) =>
    Array.from({ length: nodes }, (__, b) => (a === b ? 0 : Number.POSITIVE_INFINITY)),
  );
  from.forEach((a, edge) => {
    if (a !== to[edge]) distance[a][to[edge]] = 1;
  });
  for (let k = 0; k < nodes; k++)
    for (let i = 0; i < nodes; i++)
      for (let j = 0; j < nodes; j++)
        distance[i][j] = Math.min(distance[i][j], distance[i][k] + distance[k][j]);

  const rings = new Rings(neighbours);
  for (const hops of [1, 2, 3, 9]) {
    const all = ringsOf(neighbours, hops);
    for (let node = 0; node < nodes; node++) {
      const expected = [...distance[node].keys()].filter((other) => distance[node][other] === hops);
      expect([...rings.at(node, hops)]).toEqual(expected);
      expect([...all.entries.subarray(all.offsets[node], all.offsets[node + 1])]).toEqual(expected);
    }
  }
});
