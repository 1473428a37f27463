import { describe, expect, it } from 'vitest';
import { Random, randomStream } from '../../../core/base/index.ts';
import {
  type Adjacency,
  adjacencyOf,
  incomingNeighbours,
  largestFlow,
  type MessageFlow,
  NeighbourSampler,
} from '../../../core/graph/index.ts';
import { awkwardGraph, graphOf } from '../../support/awkwardGraph.ts';
import { fitsExpected } from '../../support/chiSquare.ts';

const graph = awkwardGraph(new Random(1), { nodes: 400, hub: 10_000 });
const plain = incomingNeighbours(graph);
const weighted = incomingNeighbours(
  graph,
  Float32Array.from({ length: graph.edgeCount }, (_, i) => 0.01 + (i % 13)),
);

describe('NeighbourSampler', () => {
  for (const [kind, adjacency] of [
    ['uniform', plain],
    ['weighted', weighted],
  ] as const) {
    it(`${kind}: each target draws so many different edges of its own as the fan-out allows, from the hub too`, () => {
      const fanouts = [7, 3, 12];
      const sampler = new NeighbourSampler(adjacency, fanouts);
      for (let batch = 0; batch < 20; batch++) {
        const random = randomStream(5, batch);
        const seeds = Int32Array.from({ length: 25 }, (_, i) => (i === 0 ? 0 : random.int(400)));
        const flow = sampler.sample(seeds, random);
        expect(flow.blocks).toHaveLength(3);
        checkFlow(flow, seeds, adjacency);
        [...flow.blocks].reverse().forEach((block, hop) => {
          checkDegrees(flow, block, adjacency, fanouts[hop]);
        });
      }
    });

    it(`${kind}: the same seed gives the same flow, whatever was sampled before`, () => {
      const seeds = Int32Array.of(5, 0, 17, 399);
      const fresh = new NeighbourSampler(adjacency, [4, 4]).sample(seeds, randomStream(1, 2));
      const used = new NeighbourSampler(adjacency, [4, 4]);
      used.sample(Int32Array.of(3, 0, 5), randomStream(1, 1));
      expect(used.sample(seeds, randomStream(1, 2))).toEqual(fresh);
      expect(used.sample(seeds, randomStream(1, 3))).not.toEqual(fresh);
    });
  }

  it('with infinite fan-outs is the whole neighbourhood, as a search of the edge list finds it', () => {
    const small = awkwardGraph(new Random(2), { nodes: 40, hub: 30 });
    const seeds = Int32Array.of(0, 3, 39);
    const flow = new NeighbourSampler(incomingNeighbours(small), [Infinity, Infinity]).sample(
      seeds,
      new Random(1),
    );
    let needed = new Set<number>(seeds);
    for (const block of [...flow.blocks].reverse()) {
      const targets = needed;
      const edges = [...small.receivers.keys()].filter((edge) => targets.has(small.receivers[edge]));
      needed = new Set([...targets, ...edges.map((edge) => small.senders[edge])]);
      expect(new Set(flow.nodes.subarray(0, block.targetCount))).toEqual(targets);
      expect(new Set(flow.nodes.subarray(0, block.sourceCount))).toEqual(needed);
      const pairs = (list: readonly string[]) => [...list].sort();
      expect(
        pairs(Array.from(block.senders, (s, i) => `${flow.nodes[s]} ${flow.nodes[block.receivers[i]]}`)),
      ).toEqual(pairs(edges.map((edge) => `${small.senders[edge]} ${small.receivers[edge]}`)));
    }
  });

  it('draws every set of neighbours equally often', () => {
    const star = incomingNeighbours(
      graphOf(
        7,
        [1, 2, 3, 4, 5, 6].map((leaf) => [leaf, 0]),
      ),
    );
    const counts = countSets(star, 3, 20_000);
    expect(counts.size).toBe(20);
    expect(fitsExpected([...counts.values()], Array(20).fill(1000))).toBe(true);
  });

  it('draws sets in proportion to weights as one draw after another without putting back does', () => {
    const weights = [5, 1, 3, 0.5, 0.5];
    const star = incomingNeighbours(
      graphOf(
        6,
        weights.map((_, i) => [i + 1, 0]),
      ),
      Float32Array.from(weights),
    );
    const counts = countSets(star, 2, 40_000);
    const total = 10;
    const expected = new Map<string, number>();
    for (let a = 0; a < 5; a++)
      for (let b = 0; b < 5; b++) {
        if (a === b) continue;
        const share = (weights[a] / total) * (weights[b] / (total - weights[a]));
        const key = [a + 1, b + 1].sort().join();
        expected.set(key, (expected.get(key) ?? 0) + 40_000 * share);
      }
    const keys = [...expected.keys()];
    expect(
      fitsExpected(
        keys.map((key) => counts.get(key) ?? 0),
        keys.map((key) => expected.get(key)!),
      ),
    ).toBe(true);
  });

  it('draws from the rest where two edges hold nearly all of the weight', () => {
    const leaves = 8;
    const weights = Float32Array.from({ length: leaves }, (_, i) => (i < 2 ? 1e6 : 1 + (i % 3)));
    const star = incomingNeighbours(
      graphOf(
        leaves + 1,
        Array.from(weights, (_, i) => [i + 1, 0]),
      ),
      weights,
    );
    const counts = countSets(star, 3, 14_000);
    const expected = new Map<string, number>();
    const rest = weights.slice(2).reduce((sum, weight) => sum + weight, 0);
    for (let i = 2; i < leaves; i++) expected.set([1, 2, i + 1].join(), (14_000 * weights[i]) / rest);
    // The two heavy edges are among the three but for some in 100,000.
    const keys = [...expected.keys()];
    expect(
      fitsExpected(
        keys.map((key) => counts.get(key) ?? 0),
        keys.map((key) => expected.get(key)!),
      ),
    ).toBe(true);
  });

  it('has rows for seeds that are given twice, are isolated, or are none at all', () => {
    const sampler = new NeighbourSampler(plain, [2, 2]);
    const flow = sampler.sample(Int32Array.of(399, 5, 399), new Random(1));
    expect([...flow.seedRows]).toEqual([0, 1, 0]);
    expect([...flow.nodes.subarray(0, 2)]).toEqual([399, 5]);
    expect([...flow.blocks[1].receivers]).not.toContain(0);

    const empty = sampler.sample(new Int32Array(0), new Random(1));
    expect(empty.nodes).toHaveLength(0);
    expect(empty.blocks.map(({ sourceCount, targetCount }) => [sourceCount, targetCount])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('keeps a loop as an edge from a node to itself', () => {
    const loop = incomingNeighbours(graphOf(2, [[1, 1]]));
    const { blocks, nodes } = new NeighbourSampler(loop, [5]).sample(Int32Array.of(1), new Random(1));
    expect([...nodes]).toEqual([1]);
    expect([...blocks[0].senders, ...blocks[0].receivers]).toEqual([0, 0]);
  });

  it('stays within the largest flow of its fan-outs', () => {
    for (const [seeds, fanouts] of [
      [3, [2, 3]],
      [30, [9, 9, 9]],
    ] as const) {
      const bound = largestFlow(400, seeds, fanouts);
      const sampler = new NeighbourSampler(plain, fanouts);
      const random = new Random(4);
      for (let batch = 0; batch < 10; batch++) {
        const { blocks } = sampler.sample(
          Int32Array.from({ length: seeds }, () => random.int(400)),
          random,
        );
        blocks.forEach((block, layer) => {
          expect(block.sourceCount).toBeLessThanOrEqual(bound.nodes[layer]);
          expect(block.targetCount).toBeLessThanOrEqual(bound.nodes[layer + 1]);
          expect(block.senders.length).toBeLessThanOrEqual(bound.edges[layer]);
        });
      }
    }
    expect(largestFlow(1000, 2, [3, 4])).toEqual({ nodes: [40, 8, 2], edges: [32, 6] });
  });

  it('refuses seeds, fan-outs and graphs that make no sense', () => {
    const sampler = new NeighbourSampler(plain, [2]);
    expect(() => sampler.sample(Int32Array.of(400), new Random(1))).toThrow('seed 400 is outside 0 … 399');
    expect(() => sampler.sample(Int32Array.of(-1), new Random(1))).toThrow('seed -1');
    for (const fanouts of [[], [0], [-1], [1.5], [Number.NaN]])
      expect(() => new NeighbourSampler(plain, fanouts)).toThrow('no fan-outs');
    const bipartite = adjacencyOf({ rows: 1, columns: 2, from: Int32Array.of(0), to: Int32Array.of(1) });
    expect(() => new NeighbourSampler(bipartite, [1])).toThrow('nodes of one kind');
  });
});

/** Numbers are rows: blocks fit together, every edge is the one it says, and no edge stands in a block twice. */
function checkFlow({ blocks, nodes, seedRows }: MessageFlow, seeds: Int32Array, adjacency: Adjacency): void {
  expect(new Set(nodes).size).toBe(nodes.length);
  expect([...seedRows].map((row) => nodes[row])).toEqual([...seeds]);
  expect(blocks[0].sourceCount).toBe(nodes.length);
  expect(blocks.at(-1)!.targetCount).toBe(new Set(seeds).size);
  blocks.forEach((block, layer) => {
    if (layer > 0) expect(block.sourceCount).toBe(blocks[layer - 1].targetCount);
    expect([...block.self]).toEqual([...Array(block.targetCount).keys()]);
    expect(new Set(block.entries).size).toBe(block.entries.length);
    block.entries.forEach((entry, edge) => {
      const receiver = nodes[block.receivers[edge]];
      expect(block.receivers[edge]).toBeLessThan(block.targetCount);
      expect(adjacency.neighbours[entry]).toBe(nodes[block.senders[edge]]);
      expect(entry >= adjacency.offsets[receiver] && entry < adjacency.offsets[receiver + 1]).toBe(true);
    });
  });
}

function checkDegrees(
  { nodes }: MessageFlow,
  block: MessageFlow['blocks'][number],
  { offsets }: Adjacency,
  fanout: number,
): void {
  const drawn = new Int32Array(block.targetCount);
  for (const receiver of block.receivers) drawn[receiver]++;
  drawn.forEach((count, target) => {
    const degree = offsets[nodes[target] + 1] - offsets[nodes[target]];
    expect(count).toBe(Math.min(degree, fanout));
  });
}

/** How often each set of neighbours of node 0 was drawn. */
function countSets(adjacency: Adjacency, fanout: number, draws: number): Map<string, number> {
  const sampler = new NeighbourSampler(adjacency, [fanout]);
  const counts = new Map<string, number>();
  for (let draw = 0; draw < draws; draw++) {
    const { nodes } = sampler.sample(Int32Array.of(0), randomStream(9, draw));
    const key = [...nodes.subarray(1)].sort().join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
