import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  bindParameters,
  type GraphNetworkOptions,
  graphInputs,
  graphNetworkBlock,
  ParameterLayout,
} from '../../core/gnn/index.ts';
import { batchGraphs, type Graph, pathGraphs } from '../../core/graph/index.ts';
import {
  add,
  gradients,
  interpret,
  mul,
  type Program,
  splitGatherMatmul,
  sum,
  type Tensor,
  Trace,
  tanh,
} from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { plainBlock, rowsOf, weightsByName } from '../support/plainGnn.ts';
import { randomGraph } from '../support/randomGraph.ts';
import { relativeError } from '../support/relativeError.ts';

const random = new Random(8);
const BATCHES: [string, Graph][] = [
  ['one graph', randomGraph(random, { nodes: 6, edges: 14 })],
  [
    'ragged graphs, one without nodes, one without edges, one a node alone',
    batchGraphs([
      randomGraph(random, { nodes: 4, edges: 9 }),
      randomGraph(random, { nodes: 0, edges: 0 }),
      randomGraph(random, { nodes: 5, edges: 2 }),
      randomGraph(random, { nodes: 1, edges: 0 }),
      randomGraph(random, { nodes: 2, edges: 7 }),
    ]),
  ],
  ['nodes without any edge', randomGraph(random, { nodes: 4, edges: 0 })],
  ['paths', pathGraphs([3, 1, 5])],
];

const OPTIONS: [string, GraphNetworkOptions][] = [
  ['changes widths', { edges: 2, nodes: 3, graphs: 1, widths: [5, 4] }],
  ['normalises and adds', { edges: 3, nodes: 3, graphs: 3, widths: [4, 3], norm: true, residual: true }],
];

describe.each(BATCHES)('a block over %s', (_what, graph) => {
  it.each(OPTIONS)('%s as the algorithm says', (_name, options) => {
    const { layout, program, inputs } = blockOver(graph, options);
    const { outputs } = interpret(program, inputs);
    const expected = plainBlock(
      weightsByName(layout, inputs.parameters),
      'block',
      graph,
      {
        edges: rowsOf(inputs.edges, options.edges),
        nodes: rowsOf(inputs.nodes, options.nodes),
        graphs: rowsOf(inputs.graphs, options.graphs),
      },
      {
        layers: options.widths.length,
        width: options.widths.at(-1)!,
        norm: options.norm ?? false,
        residual: options.residual ?? false,
      },
    );
    for (const part of ['edges', 'nodes', 'graphs'] as const)
      expect(relativeError(outputs[part], expected[part].flat()), part).toBeLessThan(1e-12);
  });

  it('says the same with node parts before the gather', () => {
    const { program, inputs } = blockOver(graph, OPTIONS[0][1]);
    const rewritten = interpret(splitGatherMatmul(program), inputs).outputs;
    for (const [name, values] of Object.entries(interpret(program, inputs).outputs))
      expect(relativeError(rewritten[name], values), name).toBeLessThan(1e-12);
  });
});

describe('gradients of a block', () => {
  it.each(['parameters', 'edges', 'nodes', 'graphs'])('agree with finite differences (%s)', (name) => {
    const [, graph] = BATCHES[1];
    // tanh: central differences across the kink of a ReLU say nothing of its gradient.
    const options = { ...OPTIONS[1][1], activation: tanh };
    const { program, inputs } = blockOver(graph, options);
    const expected = centralDifferences(program, inputs, name);
    expect(expected.some((value) => value !== 0)).toBe(true);
    expect(relativeError(interpret(program, inputs).outputs[`d ${name}`], expected)).toBeLessThanOrEqual(
      1e-6,
    );
  });
});

/** A block over a graph with random weights and states; its loss weighs every value it gives differently. */
function blockOver(
  graph: Graph,
  options: GraphNetworkOptions,
): { layout: ParameterLayout; program: Program; inputs: Record<string, Float64Array | Int32Array> } {
  const layout = new ParameterLayout();
  const block = graphNetworkBlock(layout, 'block', options);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const state = {
    edges: trace.input('edges', ['edges', options.edges]),
    nodes: trace.input('nodes', ['nodes', options.nodes]),
    graphs: trace.input('graphs', ['graphs', options.graphs]),
  };
  const next = block(weights, graphInputs(trace), state);
  const width = options.widths.at(-1)!;
  const counts = { edges: graph.edgeCount, nodes: graph.nodeCount, graphs: graph.graphCount };
  const draw = new Random(9);
  const normal = (length: number) => Float64Array.from({ length }, () => draw.normal());
  const inputs: Record<string, Float64Array | Int32Array> = {
    parameters: normal(layout.size),
    senders: graph.senders,
    receivers: graph.receivers,
    nodeGraph: graph.nodeGraph,
  };
  let loss: Tensor = trace.constant(0);
  for (const part of ['edges', 'nodes', 'graphs'] as const) {
    inputs[part] = normal(counts[part] * options[part]);
    inputs[`weigh ${part}`] = normal(counts[part] * width);
    loss = add(loss, sum(mul(next[part], trace.input(`weigh ${part}`, [part, width]))));
  }
  const names = ['parameters', 'edges', 'nodes', 'graphs'];
  const derivatives = gradients(
    loss,
    names.map((name) => trace.inputNamed(name)),
  );
  const program = trace.program({
    ...next,
    loss,
    ...Object.fromEntries(names.map((name, i) => [`d ${name}`, derivatives[i]])),
  });
  return { layout, program, inputs };
}
