import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { batchGraphs, type Graph, groupBy, incoming, outgoing, pathGraphs } from '../../core/graph/index.ts';
import { randomGraph } from '../support/randomGraph.ts';

describe('groupBy', () => {
  it('lists the positions of every value in order, as a filter would', () => {
    const random = new Random(1);
    for (const [rows, count] of [
      [1, 5],
      [7, 0],
      [7, 40],
      [50, 10],
    ]) {
      const index = Int32Array.from({ length: count }, () => random.int(rows));
      const { offsets, entries } = groupBy(index, rows);
      expect(offsets).toHaveLength(rows + 1);
      for (let row = 0; row < rows; row++)
        expect([...entries.subarray(offsets[row], offsets[row + 1])]).toEqual(
          [...index.keys()].filter((i) => index[i] === row),
        );
    }
  });

  it('has no rows without any, and names an index that is out of range', () => {
    expect(groupBy([], 0)).toEqual({ offsets: new Uint32Array(1), entries: new Int32Array(0) });
    expect(() => groupBy([0, 3], 3)).toThrow('index 3 at 1 is outside 0 … 2');
    expect(() => groupBy([-1], 3)).toThrow('index -1 at 0');
  });

  it('lists edges by the node that they leave and enter', () => {
    const graph = randomGraph(new Random(2), { nodes: 9, edges: 30 });
    const [out, into] = [outgoing(graph), incoming(graph)];
    for (let node = 0; node < 9; node++) {
      for (const edge of out.entries.subarray(out.offsets[node], out.offsets[node + 1]))
        expect(graph.senders[edge]).toBe(node);
      for (const edge of into.entries.subarray(into.offsets[node], into.offsets[node + 1]))
        expect(graph.receivers[edge]).toBe(node);
    }
    expect([...out.entries].sort((a, b) => a - b)).toEqual([...Array(30).keys()]);
    expect([...into.entries].sort((a, b) => a - b)).toEqual([...Array(30).keys()]);
  });
});

describe('batchGraphs', () => {
  it('keeps each graph as it was, with its numbers moved on', () => {
    const random = new Random(3);
    const graphs = [
      randomGraph(random, { nodes: 5, edges: 8 }),
      randomGraph(random, { nodes: 0, edges: 0 }),
      randomGraph(random, { nodes: 3, edges: 0 }),
      randomGraph(random, { nodes: 1, edges: 2 }),
    ];
    const batch = batchGraphs(graphs);
    expect([batch.nodeCount, batch.edgeCount, batch.graphCount]).toEqual([9, 10, 4]);
    graphs.forEach((graph, i) => {
      expect(cut(batch, i)).toEqual({ senders: [...graph.senders], receivers: [...graph.receivers] });
    });
    expect([...batch.nodeGraph]).toEqual([0, 0, 0, 0, 0, 2, 2, 2, 3]);
  });

  it('of batches is the batch of all, and of nothing is empty', () => {
    const random = new Random(4);
    const [a, b, c] = [2, 6, 4].map((nodes) => randomGraph(random, { nodes, edges: 2 * nodes }));
    expect(batchGraphs([batchGraphs([a, b]), c])).toEqual(batchGraphs([a, b, c]));
    expect(batchGraphs([])).toMatchObject({ nodeCount: 0, edgeCount: 0, graphCount: 0 });
  });
});

describe('pathGraphs', () => {
  it('joins neighbours onward and back, and never two paths', () => {
    const { senders, receivers, nodeGraph, edgeGraph, ...counts } = pathGraphs([3, 1, 2]);
    expect(counts).toEqual({ nodeCount: 6, edgeCount: 6, graphCount: 3 });
    expect([...senders]).toEqual([0, 1, 1, 2, 4, 5]);
    expect([...receivers]).toEqual([1, 0, 2, 1, 5, 4]);
    expect([...nodeGraph]).toEqual([0, 0, 0, 1, 2, 2]);
    expect([...edgeGraph]).toEqual([0, 0, 0, 0, 2, 2]);
  });

  it('is the batch of the paths by themselves; a path of nothing is a graph without nodes', () => {
    const lengths = [4, 0, 1, 7, 2, 0];
    expect(pathGraphs(lengths)).toEqual(batchGraphs(lengths.map((length) => pathGraphs([length]))));
  });
});

/** Edges of one graph of a batch, with its own node numbers. */
function cut({ nodeGraph, edgeGraph, senders, receivers }: Graph, graph: number) {
  const first = Math.max(0, nodeGraph.indexOf(graph));
  const edges = [...edgeGraph.keys()].filter((edge) => edgeGraph[edge] === graph);
  return {
    senders: edges.map((edge) => senders[edge] - first),
    receivers: edges.map((edge) => receivers[edge] - first),
  };
}
