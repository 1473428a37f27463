import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  adjacencyOf,
  incomingNeighbours,
  largestDegree,
  outgoingNeighbours,
} from '../../core/graph/index.ts';
import { randomGraph } from '../support/randomGraph.ts';

describe('adjacencyOf', () => {
  it('lists neighbours, edge numbers and weights of every row in the order of the edges', () => {
    const random = new Random(1);
    const [rows, columns, count] = [12, 5, 60];
    const from = Int32Array.from({ length: count }, () => random.int(rows));
    const to = Int32Array.from({ length: count }, () => random.int(columns));
    const weights = Float32Array.from({ length: count }, () => 0.1 + random.uniform());
    const result = adjacencyOf({ rows, columns, from, to, weights });
    for (let row = 0; row < rows; row++) {
      const [begin, end] = [result.offsets[row], result.offsets[row + 1]];
      const own = [...from.keys()].filter((edge) => from[edge] === row);
      expect([...result.edges.subarray(begin, end)]).toEqual(own);
      expect([...result.neighbours.subarray(begin, end)]).toEqual(own.map((edge) => to[edge]));
      expect([...result.weights!.subarray(begin, end)]).toEqual(own.map((edge) => weights[edge]));
    }
  });

  it('is the same graph seen from both sides', () => {
    const graph = randomGraph(new Random(2), { nodes: 9, edges: 30 });
    const pairs = (list: [number, number][]) => list.map(String).sort();
    const all = pairs([...graph.senders].map((sender, edge) => [sender, graph.receivers[edge]]));
    const into = incomingNeighbours(graph);
    const out = outgoingNeighbours(graph);
    expect(pairs(entriesOf(into).map(([receiver, sender]) => [sender, receiver]))).toEqual(all);
    expect(pairs(entriesOf(out))).toEqual(all);
    expect(largestDegree(into)).toBe(
      Math.max(...Array.from({ length: 9 }, (_, i) => [...graph.receivers].filter((r) => r === i).length)),
    );
  });

  it('refuses nodes that are not there, weights that are not positive and columns that differ', () => {
    const one = (fields: object) =>
      adjacencyOf({ rows: 2, columns: 3, from: Int32Array.of(1), to: Int32Array.of(2), ...fields });
    expect(one({}).offsets).toEqual(Uint32Array.of(0, 0, 1));
    expect(() => one({ from: Int32Array.of(2) })).toThrow('index 2 at 0 is outside 0 … 1');
    expect(() => one({ to: Int32Array.of(3) })).toThrow('neighbour 3 is outside 0 … 2');
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => one({ weights: Float32Array.of(weight) })).toThrow('edge 0 has the weight');
    expect(() => one({ weights: new Float32Array(2) })).toThrow('differ in length');
  });
});

function entriesOf({ rows, offsets, neighbours }: ReturnType<typeof adjacencyOf>): [number, number][] {
  const entries: [number, number][] = [];
  for (let row = 0; row < rows; row++)
    for (let i = offsets[row]; i < offsets[row + 1]; i++) entries.push([row, neighbours[i]]);
  return entries;
}
