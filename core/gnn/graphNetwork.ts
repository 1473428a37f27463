import { add, concat, type Tensor } from '../tensor/index.ts';
import type { Activation } from './functions.ts';
import { type Layer, mlp } from './layers.ts';
import { type GraphTensors, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

/** States of edges [edges, E], nodes [nodes, N] and graphs [graphs, G]. */
export interface GraphState {
  edges: Tensor;
  nodes: Tensor;
  graphs: Tensor;
}

export type GraphBlock = (weights: Weights, structure: GraphTensors, state: GraphState) => GraphState;

export interface GraphNetworkOptions {
  /** Widths of what comes in. */
  edges: number;
  nodes: number;
  graphs: number;
  /** Widths of the layers of each update; the last is the width of what goes out. */
  widths: readonly number[];
  activation?: Activation;
  norm?: boolean;
  /** Adds what came in to what goes out; widths must then be equal. */
  residual?: boolean;
}

/** Declares the index inputs, which bind the sizes `nodes` and `edges`; `graphs` is bound by what graphs are given. */
export function graphInputs(trace: Tensor['trace']): GraphTensors {
  return {
    senders: trace.input('senders', ['edges'], 'i32'),
    receivers: trace.input('receivers', ['edges'], 'i32'),
    nodeGraph: trace.input('nodeGraph', ['nodes'], 'i32'),
  };
}

/**
 * A full graph-network block (Battaglia et al. 2018, algorithm 1): edges from themselves, their ends and their
 * graph; nodes from themselves, the sum of their incoming edges and their graph; graphs from themselves
 * and the sums of their edges and nodes. Updates are MLPs.
 */
export function graphNetworkBlock(
  layout: ParameterLayout,
  name: string,
  options: GraphNetworkOptions,
): GraphBlock {
  const { edges, nodes, graphs, widths, residual = false } = options;
  const width = widths.at(-1)!;
  const update = (part: string, inputs: number): Layer =>
    mlp(layout, `${name}.${part}`, inputs, widths, {
      ...(options.activation && { activation: options.activation }),
      norm: options.norm ?? false,
    });
  const updateEdges = update('edges', edges + 2 * nodes + graphs);
  const updateNodes = update('nodes', nodes + width + graphs);
  const updateGraphs = update('graphs', graphs + 2 * width);
  const onward = (before: Tensor, after: Tensor) => (residual ? add(before, after) : after);

  const block = messagePassing({
    edges: (weights, view) => {
      const graph = required(view.graphs, 'graphs');
      return updateEdges(
        weights,
        concat([required(view.edges, 'edges'), view.senders, view.receivers, graph]),
      );
    },
    nodes: (weights, view) =>
      updateNodes(weights, concat([view.nodes, view.incoming, required(view.graphs, 'graphs')])),
    graphs: (weights, view) =>
      // Every edge enters one node: the sums of a graph's nodes hold those of its edges.
      updateGraphs(weights, concat([view.graphs, view.aggregateIncoming('sum'), view.aggregateNodes('sum')])),
  });
  return (weights, structure, state) => {
    const next = block(weights, structure, state);
    return {
      edges: onward(state.edges, next.edges),
      nodes: onward(state.nodes, next.nodes),
      graphs: onward(state.graphs, next.graphs),
    };
  };
}
