import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  batchGraphs,
  doublyStochastic,
  type Graph,
  gcnScale,
  withSelfLoops,
} from '../../core/graph/index.ts';
import { randomGraph } from '../support/randomGraph.ts';

const random = new Random(6);
const ragged = batchGraphs([
  randomGraph(random, { nodes: 6, edges: 15 }),
  randomGraph(random, { nodes: 0, edges: 0 }),
  randomGraph(random, { nodes: 3, edges: 0 }),
  randomGraph(random, { nodes: 4, edges: 7 }),
]);
const edgesOf = ({ senders, receivers, edgeGraph }: Graph) =>
  [...senders].map((sender, edge) => [sender, receivers[edge], edgeGraph[edge]]);

describe('loops', () => {
  it('are added where there are none, after the other edges', () => {
    const looped = withSelfLoops(ragged);
    const before = edgesOf(ragged);
    const had = new Set(before.filter(([from, to]) => from === to).map(([node]) => node));
    expect(had.size).toBeGreaterThan(0);
    const added = [...ragged.nodeGraph.keys()]
      .filter((node) => !had.has(node))
      .map((node) => [node, node, ragged.nodeGraph[node]]);
    expect(edgesOf(looped)).toEqual([...before, ...added]);
    expect(looped.edgeCount).toBe(before.length + added.length);
    expect(withSelfLoops(looped)).toEqual(looped);
  });
});

describe('the scale of graph convolutions', () => {
  it('is 1 / √(1 + in-degree), by number or by weight', () => {
    const weights = Float32Array.from(ragged.senders, () => random.uniform());
    for (const given of [undefined, weights]) {
      const scale = gcnScale(ragged, given);
      scale.forEach((value, node) => {
        const entering = [...ragged.receivers.keys()].filter((edge) => ragged.receivers[edge] === node);
        const degree = entering.reduce((sum, edge) => sum + (given ? given[edge] : 1), 1);
        expect(value).toBeCloseTo(1 / Math.sqrt(degree), 6);
      });
    }
  });

  it('refuses weights below 0', () => {
    const weights = new Float32Array(ragged.edgeCount);
    weights[3] = -1;
    expect(() => gcnScale(ragged, weights)).toThrow('Edge 3 has the weight -1');
    weights[3] = Number.NaN;
    expect(() => gcnScale(ragged, weights)).toThrow('Edge 3');
  });
});

describe('doubly stochastic edge features', () => {
  const features = Float32Array.from({ length: ragged.edgeCount * 2 }, (_, i) =>
    i % 7 === 0 ? 0 : random.uniform(),
  );
  const result = doublyStochastic(ragged, features, 2);

  /** [receiver][sender] */
  const matrixOf = ({ nodeCount, senders, receivers }: Graph, values: Float32Array, channel: number) => {
    const matrix = Array.from({ length: nodeCount }, () => new Array<number>(nodeCount).fill(0));
    senders.forEach((sender, edge) => {
      matrix[receivers[edge]][sender] += values[edge * 2 + channel];
    });
    return matrix;
  };
  const total = (row: number[]) => row.reduce((sum, value) => sum + value, 0);

  it.each([0, 1])('follow the paper’s formula over whole matrices (channel %i)', (channel) => {
    const raw = matrixOf(ragged, features, channel);
    const shares = raw.map((row) => row.map((value) => (value === 0 ? 0 : value / total(row))));
    const columns = shares.map((_, k) => total(shares.map((row) => row[k])));
    const expected = raw.map((_, i) =>
      raw.map((__, j) =>
        total(columns.map((column, k) => (column === 0 ? 0 : (shares[i][k] * shares[j][k]) / column))),
      ),
    );
    matrixOf(result.graph, result.features, channel).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(expected[i][j], 5);
      });
    });
  });

  it.each([0, 1])('have rows and columns that sum to 1 where anything enters (channel %i)', (channel) => {
    const entered = matrixOf(ragged, features, channel).map((row) => Number(total(row) > 0));
    const matrix = matrixOf(result.graph, result.features, channel);
    matrix.forEach((row, i) => {
      expect(total(row)).toBeCloseTo(entered[i], 5);
      expect(total(matrix.map((other) => other[i]))).toBeCloseTo(entered[i], 5);
    });
    expect(entered).toContain(1);
    expect(entered).toContain(0);
  });

  it('stay within their graph, an edge for each pair', () => {
    const edges = edgesOf(result.graph);
    expect(new Set(edges.map(String)).size).toBe(edges.length);
    for (const [from, to, graph] of edges) {
      expect(ragged.nodeGraph[from]).toBe(graph);
      expect(ragged.nodeGraph[to]).toBe(graph);
    }
  });

  it('refuse what is below 0', () => {
    const wrong = features.slice();
    wrong[9] = -0.5;
    expect(() => doublyStochastic(ragged, wrong, 2)).toThrow('Edge 4 has the feature -0.5');
  });
});
