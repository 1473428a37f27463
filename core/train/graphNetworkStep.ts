import type { Random } from '../base/index.ts';
import type { Feed } from '../device/types.ts';
import { graphInputs, graphNetworkBlock } from '../gnn/graphNetwork.ts';
import { linear } from '../gnn/layers.ts';
import { bindParameters, ParameterLayout } from '../gnn/parameters.ts';
import type { Graph } from '../graph/index.ts';
import { mean, type Program, splitGatherMatmul, square, sub, Trace } from '../tensor/index.ts';
import { ADAM_DEFAULTS, initialTrainingState, stepScalars, trainingProgram } from './step.ts';

export interface GraphNetworkSizes {
  /** Graphs of a batch, and nodes and edges of each. */
  graphs: number;
  nodes: number;
  edges: number;
  /** Width of all states and hidden layers. */
  hidden: number;
  /** Graph-network blocks after the encoding one. */
  blocks: number;
}

/** A training step for benchmarks, with batches that have no meaning. */
export interface GraphNetworkStep {
  program: Program;
  parameters: number;
  state: Record<string, Float32Array>;
  /** Step from 1. */
  feed: (step: number) => Feed;
}

/** Widths of the features of edges, nodes and graphs. */
export const BENCH_FEATURES = { edges: 8, nodes: 16, graphs: 4 };
/** Batches that take turns. */
const BATCHES = 4;

/**
 * The training step that the engine is measured by: graph-network blocks (edge, node and graph updates by MLPs of two layers with
 * layer norm, residual but for the first), a linear read-out of every node, mean squared error, AdamW with clipping.
 */
export function graphNetworkStep(sizes: GraphNetworkSizes, random: Random): GraphNetworkStep {
  const layout = new ParameterLayout();
  const program = trainingProgram(splitGatherMatmul(graphNetworkLoss(layout, sizes)), ADAM_DEFAULTS);
  const batches = Array.from({ length: BATCHES }, () => randomBatch(sizes, random));
  return {
    program,
    parameters: layout.size,
    state: initialTrainingState(layout, layout.initialise(random), ADAM_DEFAULTS),
    feed: (step) => ({ ...batches[step % BATCHES], ...stepScalars(step, 1e-3, ADAM_DEFAULTS) }),
  };
}

/** The network of {@link graphNetworkStep} and its loss, the parameters declared in the layout. */
export function graphNetworkLoss(
  layout: ParameterLayout,
  { hidden, blocks }: Pick<GraphNetworkSizes, 'hidden' | 'blocks'>,
): Program {
  const trace = new Trace();
  const structure = graphInputs(trace);
  const block = (name: string, widths: typeof BENCH_FEATURES, residual: boolean) =>
    graphNetworkBlock(layout, name, { ...widths, widths: [hidden, hidden], norm: true, residual });
  const wide = { edges: hidden, nodes: hidden, graphs: hidden };
  const network = [
    block('encode', BENCH_FEATURES, false),
    ...Array.from({ length: blocks }, (_, i) => block(`block${i}`, wide, true)),
  ];
  const readOut = linear(layout, 'readOut', hidden, 1);
  const weights = bindParameters(trace, layout);
  const features = {
    edges: trace.input('edgeFeatures', ['edges', BENCH_FEATURES.edges]),
    nodes: trace.input('nodeFeatures', ['nodes', BENCH_FEATURES.nodes]),
    graphs: trace.input('graphFeatures', ['graphs', BENCH_FEATURES.graphs]),
  };
  const state = network.reduce((before, apply) => apply(weights, structure, before), features);
  const target = trace.input('target', ['nodes', 1]);
  const loss = mean(square(sub(readOut(weights, state.nodes), target)));
  return trace.program({ loss });
}

/** Graphs of one size, with edges between nodes drawn evenly. */
export function randomGraphs(
  { graphs, nodes, edges }: Pick<GraphNetworkSizes, 'graphs' | 'nodes' | 'edges'>,
  random: Random,
): Graph {
  const graphOf = (each: number) =>
    Int32Array.from({ length: graphs * each }, (_, i) => Math.floor(i / each));
  const ends = () =>
    Int32Array.from({ length: graphs * edges }, (_, i) => Math.floor(i / edges) * nodes + random.int(nodes));
  return {
    nodeCount: graphs * nodes,
    edgeCount: graphs * edges,
    graphCount: graphs,
    senders: ends(),
    receivers: ends(),
    edgeGraph: graphOf(edges),
    nodeGraph: graphOf(nodes),
  };
}

function randomBatch(sizes: GraphNetworkSizes, random: Random): Feed {
  const { senders, receivers, nodeGraph, nodeCount, edgeCount, graphCount } = randomGraphs(sizes, random);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  return {
    senders,
    receivers,
    nodeGraph,
    edgeFeatures: floats(edgeCount * BENCH_FEATURES.edges),
    nodeFeatures: floats(nodeCount * BENCH_FEATURES.nodes),
    graphFeatures: floats(graphCount * BENCH_FEATURES.graphs),
    target: floats(nodeCount),
  };
}
