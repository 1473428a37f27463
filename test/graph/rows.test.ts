import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  breadthFirstOrder,
  gatherRows,
  incomingNeighbours,
  renumberNodes,
  scatterRows,
} from '../../core/graph/index.ts';
import { awkwardGraph, graphOf } from '../support/awkwardGraph.ts';

describe('gatherRows and scatterRows', () => {
  it('copy rows there and back, single ones and runs, narrow and wide', () => {
    const random = new Random(1);
    for (const width of [1, 3, 200]) {
      const table = Float32Array.from({ length: 50 * width }, () => random.uniform());
      const rows = Int32Array.of(7, 8, 9, 3, 49, 0, 1, 20, ...Array.from({ length: 26 }, (_, i) => 22 + i));
      const gathered = new Float32Array(rows.length * width + 1).fill(-1);
      gatherRows(table, width, rows, gathered);
      const back = new Float32Array(table.length).fill(-2);
      scatterRows(gathered, width, rows, back);
      for (let k = 0; k < width; k++) {
        rows.forEach((row, i) => {
          expect(gathered[i * width + k]).toBe(table[row * width + k]);
        });
        for (let row = 0; row < 50; row++)
          expect(back[row * width + k]).toBe(rows.includes(row) ? table[row * width + k] : -2);
      }
      expect(gathered[rows.length * width]).toBe(-1);
    }
    gatherRows(new Float32Array(0), 4, new Int32Array(0), new Float32Array(0));
  });
});

describe('breadthFirstOrder', () => {
  it('goes through one neighbourhood after another, the farther ones later, and misses no node', () => {
    const graph = graphOf(
      7,
      [
        [3, 0],
        [1, 3],
        [4, 3],
        [2, 1],
        [6, 6],
      ].map(([sender, receiver]) => [sender, receiver] as const),
    );
    expect([...breadthFirstOrder(incomingNeighbours(graph))]).toEqual([0, 3, 1, 4, 2, 5, 6]);
    const awkward = awkwardGraph(new Random(2), { nodes: 300, hub: 200 });
    const order = breadthFirstOrder(incomingNeighbours(awkward));
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(300).keys()]);
  });
});

describe('renumberNodes', () => {
  it('is the same graph with other numbers', () => {
    const graph = awkwardGraph(new Random(3), { nodes: 60, hub: 40 });
    const weights = Float32Array.from({ length: graph.edgeCount }, (_, i) => 1 + i);
    const adjacency = incomingNeighbours(graph, weights);
    const order = new Random(4).shuffle(Int32Array.from({ length: 60 }, (_, node) => node));
    const renumbered = renumberNodes(adjacency, order);
    for (let number = 0; number < 60; number++)
      for (let i = renumbered.offsets[number]; i < renumbered.offsets[number + 1]; i++) {
        const edge = renumbered.edges[i];
        expect(graph.receivers[edge]).toBe(order[number]);
        expect(graph.senders[edge]).toBe(order[renumbered.neighbours[i]]);
        expect(renumbered.weights![i]).toBe(weights[edge]);
      }
    expect(renumbered.offsets[60]).toBe(graph.edgeCount);
    expect(renumberNodes(incomingNeighbours(graph), order).weights).toBeNull();
  });
});
