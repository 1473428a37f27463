import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { weighMessages } from '../../core/explain/index.ts';
import {
  type Block,
  bindParameters,
  edgeGnn,
  edgeSage,
  gat,
  gatv2,
  gcn,
  identity,
  ParameterLayout,
  sage,
} from '../../core/gnn/index.ts';
import { interpret, type Program, splitGatherMatmul, Trace } from '../../core/tensor/index.ts';
import { randomGraph } from '../support/randomGraph.ts';
import { relativeError } from '../support/relativeError.ts';

const INPUTS = 3;
const EDGE_WIDTH = 2;
const random = new Random(31);
const graph = randomGraph(random, { nodes: 7, edges: 20 });
const shape = { inputs: INPUTS, outputs: 4, activation: identity };
const attention = { inputs: INPUTS, width: 2, heads: 2, activation: identity };
const channels = { inputs: INPUTS, width: 2, channels: EDGE_WIDTH, activation: identity };

/** Layers without an activation: sums of their messages, each weighed by what does not depend on masks. */
const LINEAR: [string, (layout: ParameterLayout) => Block, 'with features of edges'?][] = [
  ['GCN', (layout) => gcn(layout, 'layer', shape)],
  ['GAT', (layout) => gat(layout, 'layer', attention)],
  ['GATv2', (layout) => gatv2(layout, 'layer', { ...attention, combine: 'mean' })],
  ['GraphSAGE, mean', (layout) => sage(layout, 'layer', shape)],
  ['GraphSAGE, GCN', (layout) => sage(layout, 'layer', { ...shape, aggregator: 'gcn' })],
  [
    'Edge-GraphSAGE',
    (layout) => edgeSage(layout, 'layer', { ...shape, edges: EDGE_WIDTH }),
    'with features of edges',
  ],
  ['EGNN', (layout) => edgeGnn(layout, 'layer', channels), 'with features of edges'],
  [
    'EGNN with attention',
    (layout) => edgeGnn(layout, 'layer', { ...channels, form: 'attention' }),
    'with features of edges',
  ],
];
const POOLED: (typeof LINEAR)[number] = [
  'GraphSAGE, pool',
  (layout) => sage(layout, 'layer', { ...shape, aggregator: 'pool' }),
];

describe.each([...LINEAR, POOLED])('messages of %s', (...layer) => {
  const { program, feed, masked } = layerProgram(layer);

  it('count whole where their factor is 1', () => {
    const plain = interpret(program, feed).outputs.y;
    expect(relativeError(masked(new Float32Array(graph.edgeCount).fill(1)), plain)).toBeLessThan(1e-12);
  });

  it('say nothing where it is 0', () => {
    const silent = new Float32Array(graph.edgeCount);
    const before = masked(silent);
    const other = feed.x.map((value, i) => (i < INPUTS ? value + 1 : value));
    const after = masked(silent, { x: other });
    const width = before.length / graph.nodeCount;
    // Nobody but the first node hears that it changed.
    expect(relativeError(after.subarray(width), before.subarray(width))).toBeLessThan(1e-12);
    const heard = interpret(program, { ...feed, x: other }).outputs.y;
    expect(
      relativeError(heard.subarray(width), interpret(program, feed).outputs.y.subarray(width)),
    ).toBeGreaterThan(1e-3);
  });
});

describe.each(LINEAR)('%s', (...layer) => {
  it('adds what each of its messages adds alone: the others count as much as before', () => {
    const { masked } = layerProgram(layer);
    const only = (edge: number) => {
      const factor = new Float32Array(graph.edgeCount);
      factor[edge] = 1;
      return masked(factor);
    };
    const none = masked(new Float32Array(graph.edgeCount));
    const factors = Float32Array.from({ length: graph.edgeCount }, () => random.uniform());
    const expected = Float64Array.from(none);
    factors.forEach((factor, edge) => {
      only(edge).forEach((value, i) => {
        expected[i] += factor * (value - none[i]);
      });
    });
    expect(relativeError(masked(factors), expected)).toBeLessThan(1e-10);
  });
});

function layerProgram([, declare, withEdges]: (typeof LINEAR)[number]) {
  const layout = new ParameterLayout();
  const block = declare(layout);
  const trace = new Trace();
  const structure = {
    senders: trace.input('senders', ['edges'], 'i32'),
    receivers: trace.input('receivers', ['edges'], 'i32'),
    nodeScale: trace.input('nodeScale', ['nodes', 1]),
  };
  const nodes = trace.input('x', ['nodes', INPUTS]);
  const edges = trace.input('e', ['edges', EDGE_WIDTH]);
  const state = withEdges ? { nodes, edges } : { nodes };
  const { nodes: y } = block(bindParameters(trace, layout), structure, state);
  const program: Program = splitGatherMatmul(trace.program({ y }));
  const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
  const uniforms = (length: number) => Float32Array.from({ length }, () => 0.2 + random.uniform());
  const feed = {
    parameters: normals(layout.size),
    senders: graph.senders,
    receivers: graph.receivers,
    nodeScale: uniforms(graph.nodeCount),
    x: normals(INPUTS * graph.nodeCount),
    e: uniforms(EDGE_WIDTH * graph.edgeCount),
  };
  const rewritten = weighMessages(program, { indices: ['receivers'] }, (into) =>
    into.input('factor', ['edges', 1]),
  );
  const masked = (factor: Float32Array, change: Partial<typeof feed> = {}) =>
    interpret(rewritten, { ...feed, ...change, factor }).outputs.y;
  return { program, feed, masked };
}
