import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { copiesWithin, repeatFeed, rowAxes } from '../../core/explain/repeat.ts';
import { batchGraphs } from '../../core/graph/index.ts';
import { gather, interpret, mean, type Program, reshape, sum, Trace } from '../../core/tensor/index.ts';
import { GRAPH_WIDTH, graphProgram } from '../support/graphProgram.ts';
import { relativeError } from '../support/relativeError.ts';

const { program, graph, feed } = graphProgram(new Random(3));
const inputs = ['nodeFeatures', 'edgeFeatures'];

describe('batches side by side', () => {
  it('are the disjoint union of their graphs, and give what each gives alone', () => {
    const axes = rowAxes(program, { output: 'nodes', inputs })!;
    expect([...axes.pointsInto].sort()).toEqual([
      ['nodeGraph', 'graphs'],
      ['receivers', 'nodes'],
      ['senders', 'nodes'],
    ]);
    const sizes = new Map([
      ['nodes', graph.nodeCount],
      ['edges', graph.edgeCount],
      ['graphs', graph.graphCount],
    ]);
    const repeated = repeatFeed(axes, feed, 3, sizes);
    const union = batchGraphs([graph, graph, graph]);
    for (const name of ['senders', 'receivers', 'nodeGraph'] as const)
      expect(repeated[name]).toEqual(union[name]);
    expect(repeated.parameters).toBe(feed.parameters);

    const [alone, together] = [feed, repeated].map((fed) => interpret(program, fed).outputs.nodes);
    expect(relativeError(together, [...alone, ...alone, ...alone])).toBeLessThan(1e-12);
  });

  it('are not possible where something else joins rows, nor for what has none', () => {
    const trace = new Trace();
    const x = trace.input('x', ['rows', 2]);
    const bias = trace.input('bias', [2]);
    const index = trace.input('index', ['picked'], 'i32');
    const two = trace.input('two', [2], 'i32');
    const programs: [Program, string[]][] = [
      [trace.program({ y: sum(x) }), ['x']],
      [trace.program({ y: mean(x, [0]) }), ['x']],
      [trace.program({ y: reshape(x, [2, 'rows']) }), ['x']],
      // An input that all rows share cannot be at several points at once.
      [trace.program({ y: gather(x, index) }), ['x', 'bias']],
      // Two rows of the first batch alone.
      [trace.program({ y: gather(x, two) }), ['x']],
    ];
    for (const [each, explained] of programs)
      expect(rowAxes(each, { output: 'y', inputs: explained })).toBeUndefined();
    expect(bias.shape).toEqual([2]);
    expect(rowAxes(trace.program({ y: gather(x, index) }), { output: 'y', inputs: ['x'] })).toBeDefined();
  });

  it('are as many as the longest axis allows, and one at least', () => {
    const sizes = new Map([
      ['nodes', 10],
      ['edges', 24],
    ]);
    expect(copiesWithin(sizes, 100)).toBe(4);
    expect(copiesWithin(sizes, 3)).toBe(1);
    expect(feed.nodeFeatures).toHaveLength(graph.nodeCount * GRAPH_WIDTH);
  });
});
