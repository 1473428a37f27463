import type { Random } from '../../core/base/index.ts';
import { bindParameters, graphInputs, graphNetworkBlock, ParameterLayout } from '../../core/gnn/index.ts';
import { batchGraphs, type Graph } from '../../core/graph/index.ts';
import { type Program, Trace, tanh } from '../../core/tensor/index.ts';
import { randomGraph } from './randomGraph.ts';

export const GRAPH_WIDTH = 3;

/** Two graph-network blocks over two random graphs, with values to feed; outputs `nodes` and `graphs`. */
export function graphProgram(random: Random): {
  program: Program;
  graph: Graph;
  feed: ReturnType<typeof graphFeed>;
} {
  const widths = { edges: GRAPH_WIDTH, nodes: GRAPH_WIDTH, graphs: GRAPH_WIDTH };
  const layout = new ParameterLayout();
  const options = { ...widths, widths: [4, GRAPH_WIDTH], activation: tanh };
  const first = graphNetworkBlock(layout, 'first', options);
  const second = graphNetworkBlock(layout, 'second', options);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const structure = graphInputs(trace);
  const state = first(weights, structure, {
    nodes: trace.input('nodeFeatures', ['nodes', GRAPH_WIDTH]),
    edges: trace.input('edgeFeatures', ['edges', GRAPH_WIDTH]),
    graphs: trace.input('graphFeatures', ['graphs', GRAPH_WIDTH]),
  });
  const { nodes, graphs } = second(weights, structure, state);
  const graph = batchGraphs([
    randomGraph(random, { nodes: 5, edges: 9 }),
    randomGraph(random, { nodes: 4, edges: 6 }),
  ]);
  const parameters = layout.initialise(random);
  return { program: trace.program({ nodes, graphs }), graph, feed: graphFeed(random, graph, parameters) };
}

function graphFeed(random: Random, graph: Graph, parameters: Float32Array) {
  const normals = (rows: number) => Float32Array.from({ length: rows * GRAPH_WIDTH }, () => random.normal());
  return {
    parameters,
    nodeFeatures: normals(graph.nodeCount),
    edgeFeatures: normals(graph.edgeCount),
    graphFeatures: normals(graph.graphCount),
    senders: graph.senders,
    receivers: graph.receivers,
    nodeGraph: graph.nodeGraph,
  };
}
