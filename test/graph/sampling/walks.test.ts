import { describe, expect, it } from 'vitest';
import { quietContext, Random, randomStream } from '../../../core/base/index.ts';
import {
  type Adjacency,
  adjacencyOf,
  type Graph,
  importanceNeighbours,
  outgoingNeighbours,
  PersonalisedPageRank,
  RandomWalks,
} from '../../../core/graph/index.ts';
import { awkwardGraph, graphOf } from '../../support/awkwardGraph.ts';
import { fitsExpected } from '../../support/chiSquare.ts';

const graph = withDeadEnds(awkwardGraph(new Random(1), { nodes: 60, hub: 50 }));
const weights = Float32Array.from({ length: graph.edgeCount }, (_, i) => 1 + (i % 5));
const adjacency = outgoingNeighbours(graph, weights);

/** Leads on to two nodes that lead nowhere. */
function withDeadEnds({ nodeCount, senders, receivers }: Graph): Graph {
  const edges = Array.from(senders, (sender, edge) => [sender, receivers[edge]] as const);
  return graphOf(nodeCount, [
    ...edges,
    ...[1, 2, 8, 20].flatMap(
      (node) =>
        [
          [node, 58],
          [node, 59],
        ] as const,
    ),
  ]);
}

/** [rows][columns] chance of each step, from the rows of the adjacency; a row without entries is all zero. */
function transitions({ rows, columns, offsets, neighbours, weights }: Adjacency): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const chances: number[] = Array(columns).fill(0);
    for (let i = offsets[row]; i < offsets[row + 1]; i++) chances[neighbours[i]] += weights ? weights[i] : 1;
    const total = chances.reduce((sum, chance) => sum + chance, 0);
    return total > 0 ? chances.map((chance) => chance / total) : chances;
  });
}

const times = (row: number[], matrix: number[][]) =>
  matrix[0].map((_, j) => row.reduce((sum, x, i) => sum + x * matrix[i][j], 0));

describe('RandomWalks', () => {
  it('visits nodes as often as the powers of the transition matrix say, restarts among them', () => {
    const [walks, steps, restart, start] = [40_000, 4, 0.3, 2];
    const { nodes, shares } = new RandomWalks([adjacency], { walks, steps, restart }).importance(
      start,
      60,
      new Random(3),
    );
    const matrix = transitions(adjacency);
    let at: number[] = Array(60).fill(0);
    at[start] = 1;
    const expected: number[] = Array(60).fill(0);
    for (let step = 0; step < steps; step++) {
      const alive = at.reduce((sum, chance) => sum + chance, 0);
      const before = at.map(
        (chance, node) => (1 - restart) * chance + (node === start ? restart * alive : 0),
      );
      at = times(before, matrix);
      at.forEach((chance, node) => {
        expected[node] += node === start ? 0 : chance;
      });
    }
    const total = expected.reduce((sum, visits) => sum + visits, 0);
    const largest = Math.max(
      ...Array.from(nodes.keys(), (i) => Math.abs(shares[i] - expected[nodes[i]] / total)),
    );
    // Visits of one walk hang together, so a bound of their own instead of χ²: 5 deviations of a share of one half.
    expect(largest).toBeLessThan((5 * 0.5 * steps) / Math.sqrt(walks * steps));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  it('takes one step in proportion to the weights', () => {
    const star = outgoingNeighbours(
      graphOf(4, [
        [0, 1],
        [0, 2],
        [0, 3],
      ]),
      Float32Array.of(1, 2, 7),
    );
    const { nodes, shares } = new RandomWalks([star], { walks: 10_000, steps: 1, restart: 0 }).importance(
      0,
      3,
      new Random(1),
    );
    expect([...nodes]).toEqual([3, 2, 1]);
    expect(
      fitsExpected(
        [...shares].map((share) => share * 10_000),
        [7000, 2000, 1000],
      ),
    ).toBe(true);
  });

  it('keeps the most visited nodes, of equal counts the lower numbers, and shares that sum to 1', () => {
    const walks = new RandomWalks([adjacency], { walks: 50, steps: 3, restart: 0.1 });
    for (let node = 0; node < 60; node++) {
      const all = walks.importance(node, 60, randomStream(1, node));
      const top = walks.importance(node, 5, randomStream(1, node));
      expect(all.nodes).not.toContain(node);
      expect([...top.nodes]).toEqual([...all.nodes.subarray(0, 5)]);
      for (let i = 1; i < all.nodes.length; i++)
        expect(
          all.shares[i] < all.shares[i - 1] ||
            (all.shares[i] === all.shares[i - 1] && all.nodes[i] > all.nodes[i - 1]),
        ).toBe(true);
      if (top.nodes.length > 0) expect(top.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  });

  it('walks through users from items to items', () => {
    const [users, items] = [Int32Array.of(0, 0, 1, 1, 2), Int32Array.of(0, 1, 1, 2, 3)];
    const toUsers = adjacencyOf({ rows: 4, columns: 3, from: items, to: users });
    const toItems = adjacencyOf({ rows: 3, columns: 4, from: users, to: items });
    const walks = new RandomWalks([toUsers, toItems], { walks: 8000, steps: 1, restart: 0 });
    const { nodes, shares } = walks.importance(1, 10, new Random(2));
    expect([...nodes].sort()).toEqual([0, 2]);
    expect(shares[0]).toBeCloseTo(0.5, 1);
    expect(walks.importance(3, 10, new Random(2)).nodes).toHaveLength(0);
    expect(() => new RandomWalks([toUsers], { walks: 1, steps: 1, restart: 0 })).toThrow('lead back');
  });

  it('makes an adjacency of all importance neighbourhoods, the same for the same seed', async () => {
    const options = { walks: 30, steps: 3, restart: 0.2, top: 4, seed: 8 };
    const made = await importanceNeighbours([adjacency], options, quietContext);
    expect(made).toEqual(await importanceNeighbours([adjacency], options, quietContext));
    const walks = new RandomWalks([adjacency], options);
    for (let node = 0; node < 60; node++) {
      const { nodes, shares } = walks.importance(node, 4, randomStream(8, node));
      const [begin, end] = [made.offsets[node], made.offsets[node + 1]];
      expect(made.neighbours.subarray(begin, end)).toEqual(nodes);
      expect(made.weights!.subarray(begin, end)).toEqual(shares);
    }
    const cancelled = { signal: AbortSignal.abort(), report() {} };
    await expect(importanceNeighbours([adjacency], options, cancelled)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('PersonalisedPageRank', () => {
  it('gives the scores of power iteration, nearest first, from any node', () => {
    const restart = 0.2;
    const ranks = new PersonalisedPageRank(adjacency, { restart, tolerance: 1e-12 });
    const matrix = transitions(adjacency);
    for (let start = 0; start < 60; start += 7) {
      const expected = powerIteration(matrix, start, restart);
      const { nodes, scores } = ranks.rank(start);
      nodes.forEach((node, i) => {
        expect(scores[i]).toBeCloseTo(expected[node], 8);
      });
      const reached = expected.flatMap((score, node) => (score > 1e-9 && node !== start ? [node] : []));
      expect([...nodes].sort((a, b) => a - b)).toEqual(expect.arrayContaining(reached));
      for (let i = 1; i < nodes.length; i++) expect(scores[i]).toBeLessThanOrEqual(scores[i - 1]);
    }
  });

  it('touches only what is near when it need not be exact, and is never too high', () => {
    const chain = outgoingNeighbours(
      graphOf(
        5000,
        Array.from({ length: 4999 }, (_, i) => [i, i + 1] as const),
      ),
    );
    const { nodes, scores } = new PersonalisedPageRank(chain, { restart: 0.5, tolerance: 1e-3 }).rank(0);
    expect([...nodes]).toEqual(Array.from({ length: nodes.length }, (_, i) => i + 1));
    expect(nodes.length).toBeLessThan(15);
    scores.forEach((score, i) => {
      expect(score).toBeLessThanOrEqual(0.5 ** (i + 2) + 1e-12);
    });
  });
});

/** s = restart · e + (1 − restart) · (s · P + what stands at dead ends · e), until nothing changes. */
function powerIteration(matrix: number[][], start: number, restart: number): number[] {
  let scores: number[] = matrix.map((_, node) => (node === start ? 1 : 0));
  for (let round = 0; round < 200; round++) {
    const dead = matrix.reduce((sum, row, node) => sum + (row.every((x) => x === 0) ? scores[node] : 0), 0);
    scores = times(scores, matrix).map(
      (score, node) => (1 - restart) * (score + (node === start ? dead : 0)) + (node === start ? restart : 0),
    );
  }
  return scores;
}
