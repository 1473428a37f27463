import type { Random } from '../../../core/base/index.ts';
import type { Feed } from '../../../core/device/types.ts';
import {
  type Block,
  bindParameters,
  edgeSage,
  gat,
  gcn,
  linear,
  ParameterLayout,
  sage,
  stack,
  type Weights,
} from '../../../core/gnn/index.ts';
import { type Graph, gcnScale, withSelfLoops } from '../../../core/graph/index.ts';
import {
  mean,
  type Program,
  splitGatherMatmul,
  square,
  sub,
  type Tensor,
  Trace,
} from '../../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  BENCH_FEATURES,
  graphNetworkLoss,
  initialTrainingState,
  randomGraphs,
  stepScalars,
  trainingProgram,
} from '../../../core/train/index.ts';

export const MODELS = ['graphNetwork', 'gcn', 'gat', 'sage', 'edgeGnn'] as const;
export type Model = (typeof MODELS)[number];

/** A batch of graphs of equal size, or one large graph. */
export interface Size {
  name: string;
  graphs: number;
  /** Of each graph. */
  nodes: number;
  edges: number;
}

export const SIZES: readonly Size[] = [
  { name: 'small', graphs: 64, nodes: 50, edges: 125 },
  { name: 'medium', graphs: 1024, nodes: 50, edges: 125 },
  { name: 'large', graphs: 1, nodes: 1_000_000, edges: 2_500_000 },
];
export const WIDTHS = [64, 128, 256];

/** Graph-network blocks after the encoding one: with it, as many as an encoder, a processor applied twice, and a decoder. */
export const BLOCKS = 3;
export const HEADS = 4;

/** One training step to measure: the program, and everything that another framework needs to do the same. */
export interface BenchCase {
  program: Program;
  layout: ParameterLayout;
  state: Record<string, Float32Array>;
  batch: Feed;
  graph: Graph;
  feed: (step: number) => Feed;
}

/**
 * A regression of a number for each node, with mean squared error, clipping and AdamW. The graph network has an edge, node and
 * graph state; the others are two layers of their kind.
 */
export function benchCase(model: Model, size: Size, hidden: number, random: Random): BenchCase {
  const graph = randomGraphs(size, random);
  const layout = new ParameterLayout();
  const program = trainingProgram(splitGatherMatmul(forward(layout, model, hidden)), ADAM_DEFAULTS);
  const used = model === 'gat' ? withSelfLoops(graph) : graph;
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const batch: Feed = {
    senders: used.senders,
    receivers: used.receivers,
    nodeFeatures: floats(graph.nodeCount * BENCH_FEATURES.nodes),
    target: floats(graph.nodeCount),
    ...(model === 'gcn' && { nodeScale: gcnScale(graph) }),
    ...((model === 'graphNetwork' || model === 'edgeGnn') && {
      edgeFeatures: floats(graph.edgeCount * BENCH_FEATURES.edges),
    }),
    ...(model === 'graphNetwork' && {
      nodeGraph: graph.nodeGraph,
      graphFeatures: floats(graph.graphCount * BENCH_FEATURES.graphs),
    }),
  };
  return {
    program,
    layout,
    batch,
    graph,
    state: initialTrainingState(layout, layout.initialise(random)),
    feed: (step) => ({ ...batch, ...stepScalars(step, 1e-3, ADAM_DEFAULTS) }),
  };
}

function forward(layout: ParameterLayout, model: Model, hidden: number): Program {
  if (model === 'graphNetwork') return graphNetworkLoss(layout, { hidden, blocks: BLOCKS });
  const trace = new Trace();
  const network = layers(layout, model, hidden);
  const readOut = linear(layout, 'readOut', hidden, 1);
  const weights = bindParameters(trace, layout);
  const target = trace.input('target', ['nodes', 1]);
  const loss = mean(square(sub(readOut(weights, network(trace, weights)), target)));
  return trace.program({ loss });
}

type Network = (trace: Trace, weights: Weights) => Tensor;

function layers(layout: ParameterLayout, model: Exclude<Model, 'graphNetwork'>, hidden: number): Network {
  const make: Record<typeof model, (name: string, inputs: number) => Block> = {
    gcn: (name, inputs) => gcn(layout, name, { inputs, outputs: hidden }),
    gat: (name, inputs) => gat(layout, name, { inputs, width: hidden / HEADS, heads: HEADS }),
    sage: (name, inputs) => sage(layout, name, { inputs, outputs: hidden }),
    edgeGnn: (name, inputs) =>
      edgeSage(layout, name, { inputs, edges: BENCH_FEATURES.edges, outputs: hidden }),
  };
  const network = stack(layout, 'layers', {
    widths: [BENCH_FEATURES.nodes, hidden, hidden],
    layer: make[model],
  });
  return (trace, weights) => {
    const structure = {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
      ...(model === 'gcn' && { nodeScale: trace.input('nodeScale', ['nodes', 1]) }),
    };
    const state = {
      nodes: trace.input('nodeFeatures', ['nodes', BENCH_FEATURES.nodes]),
      ...(model === 'edgeGnn' && { edges: trace.input('edgeFeatures', ['edges', BENCH_FEATURES.edges]) }),
    };
    return network(weights, structure, state).nodes;
  };
}
