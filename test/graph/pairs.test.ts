import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { adjacencyMse, weightedMean } from '../../core/gnn/index.ts';
import { allPairs, batchGraphs } from '../../core/graph/index.ts';
import { interpret, Trace } from '../../core/tensor/index.ts';
import { randomGraph } from '../support/randomGraph.ts';

const random = new Random(3);
const SIZES = [
  { nodes: 4, edges: 9 },
  { nodes: 0, edges: 0 },
  { nodes: 1, edges: 1 },
  { nodes: 6, edges: 5 },
];
const GRAPHS = SIZES.map((size) => randomGraph(random, size));

it('lists the adjacency of each graph of a batch, entry by entry', () => {
  const { first, second, edge } = allPairs(batchGraphs(GRAPHS));
  const expected: number[][] = [];
  let node = 0;
  for (const { nodeCount, senders, receivers } of GRAPHS) {
    for (let i = 0; i < nodeCount; i++)
      for (let j = 0; j < nodeCount; j++)
        expected.push([node + i, node + j, Number(senders.some((s, e) => s === i && receivers[e] === j))]);
    node += nodeCount;
  }
  expect(Array.from(first, (_, pair) => [first[pair], second[pair], edge[pair]])).toEqual(expected);
});

it('takes nodes of graphs in any order', () => {
  const graph = {
    ...randomGraph(random, { nodes: 3, edges: 1 }),
    graphCount: 2,
    nodeGraph: Int32Array.of(1, 0, 1),
    senders: Int32Array.of(2),
    receivers: Int32Array.of(0),
    edgeGraph: Int32Array.of(1),
  };
  const { first, second, edge, weight } = allPairs(graph);
  expect(Array.from(first, (_, pair) => [first[pair], second[pair], edge[pair], weight[pair]])).toEqual([
    [1, 1, 0, 1],
    [0, 0, 0, 0.25],
    [0, 2, 0, 0.25],
    [2, 0, 1, 0.25],
    [2, 2, 0, 0.25],
  ]);
});

it('weighs so that the adjacency MSE is the mean over the graphs of (1/N²) Σ (A − Â)²', () => {
  const batch = batchGraphs(GRAPHS);
  const trace = new Trace();
  const edge = trace.input('edge', ['pairs', 1]);
  const pairs = {
    first: trace.input('first', ['pairs'], 'i32'),
    second: trace.input('second', ['pairs'], 'i32'),
    edge,
  };
  const perPair = adjacencyMse(trace.input('z', ['nodes', 2]), pairs);
  const loss = weightedMean(perPair, trace.input('weight', ['pairs', 1]));
  const z = Float64Array.from({ length: 2 * batch.nodeCount }, () => random.normal());
  const { outputs } = interpret(trace.program({ loss }), { ...allPairs(batch), z });

  let total = 0;
  let node = 0;
  for (const { nodeCount: n, senders, receivers } of GRAPHS) {
    let squares = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const a = Number(senders.some((s, e) => s === i && receivers[e] === j));
        const [zi, zj] = [2 * (node + i), 2 * (node + j)];
        squares += (a - 1 / (1 + Math.exp(-(z[zi] * z[zj] + z[zi + 1] * z[zj + 1])))) ** 2;
      }
    if (n > 0) total += squares / n ** 2 / 3;
    node += n;
  }
  // The weights come as float32.
  expect(outputs.loss[0]).toBeCloseTo(total, 6);
});
