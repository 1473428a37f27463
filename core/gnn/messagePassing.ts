import { EtalonError } from '../base/index.ts';
import { gather, type Tensor } from '../tensor/index.ts';
import { type Aggregation, aggregate, attend } from './aggregation.ts';
import type { Draws } from './dropout.ts';
import type { Weights } from './parameters.ts';

/** Between which nodes edges run, as index inputs of a program. */
export interface EdgeTensors {
  /** [edges] rows of the nodes that edges leave and enter. */
  senders: Tensor;
  receivers: Tensor;
  /** [nodes, 1] 1 / √(1 + in-degree), see `gcnScale`; for layers that normalise symmetrically. */
  nodeScale?: Tensor;
}

/** How nodes, edges and graphs hang together. */
export interface GraphTensors extends EdgeTensors {
  /** [nodes] the graph of each; an edge's is that of the node it enters. */
  nodeGraph: Tensor;
  /** [edges] the same for edges, where a graph looks at its edges by other means than what came to its nodes. */
  edgeGraph?: Tensor;
}

/** What a block changes: nodes [nodes, N], and where there are any edges [edges, E] and graphs [graphs, G]. */
export interface BlockState {
  nodes: Tensor;
  edges?: Tensor;
  graphs?: Tensor;
  /** [targets, T] the nodes that edges enter, where they are others than those they leave; `nodes` of what comes out. */
  targets?: Tensor;
}

/** A block with its parameters declared. Without `draws` nothing is dropped: that is how a model predicts. */
export type Block = <S extends BlockState>(
  weights: Weights,
  structure: EdgeTensors & Partial<GraphTensors>,
  state: S,
  draws?: Draws,
) => S;

/** What an edge sees, a row for each: itself, its ends and its graph. */
export interface EdgeView {
  edges?: Tensor;
  senders: Tensor;
  receivers: Tensor;
  graphs?: Tensor;
}

/** What a node sees: itself, what the messages to it came to, its graph. */
export interface NodeView {
  nodes: Tensor;
  incoming: Tensor;
  graphs?: Tensor;
}

/** What a graph sees: itself, its nodes and edges as their own updates left them, and what came to its nodes. */
export interface GraphView {
  graphs: Tensor;
  aggregateIncoming: (kind: Aggregation) => Tensor;
  aggregateNodes: (kind: Aggregation) => Tensor;
  aggregateEdges: (kind: Aggregation) => Tensor;
}

export type Update<View> = (weights: Weights, view: View, draws: Draws | undefined) => Tensor;

/** Any of them may be absent. */
export interface BlockUpdates {
  /** New states of edges [edges, E]; absent, they stay. */
  edges?: Update<EdgeView>;
  /** The message of each edge [edges, M]; absent, its new state, or where edges stay its sender's. */
  messages?: Update<EdgeView>;
  /** Sum by default. With attention, messages are [edges, heads or 1, width], weighed by scores [edges, heads]. */
  aggregation?: Aggregation | { scores: Update<EdgeView>; dropout: number };
  /** New states of nodes [nodes, N]; absent, what the messages came to. */
  nodes?: Update<NodeView>;
  /** New states of graphs [graphs, G]; absent, they stay. */
  graphs?: Update<GraphView>;
}

/**
 * Message passing (Battaglia et al. 2018, algorithm 1; Gilmer et al. 2017, eqs. 1–2): every edge is updated from what it
 * sees, every node from the messages that reach it, every graph from its nodes and edges. The layers of this room are
 * configurations of it.
 */
export function messagePassing(updates: BlockUpdates): Block {
  const block = (
    weights: Weights,
    structure: EdgeTensors & Partial<GraphTensors>,
    { targets, ...state }: BlockState,
    draws?: Draws,
  ): BlockState => {
    const { senders, receivers, nodeGraph } = structure;
    const entered = targets ?? state.nodes;
    const view: EdgeView = {
      ...state,
      senders: gather(state.nodes, senders),
      receivers: gather(entered, receivers),
      ...graphOfEdges(state.graphs, structure),
    };
    if (updates.edges) view.edges = updates.edges(weights, view, draws);
    const own = updates.edges ? required(view.edges, 'edges') : view.senders;
    const messages = updates.messages ? updates.messages(weights, view, draws) : own;

    const { aggregation = 'sum' } = updates;
    const rows = entered.shape[0];
    const incoming =
      typeof aggregation === 'string'
        ? aggregate(aggregation, messages, receivers, rows)
        : attend(messages, aggregation.scores(weights, view, draws), receivers, rows, {
            ...aggregation,
            draws,
          });
    const nodeView: NodeView = { nodes: entered, incoming, ...ofGraph(state.graphs, nodeGraph) };
    const nodes = updates.nodes ? updates.nodes(weights, nodeView, draws) : incoming;

    const next: BlockState = { ...state, nodes };
    if (view.edges) next.edges = view.edges;
    if (updates.graphs) next.graphs = updates.graphs(weights, graphView(structure, next, incoming), draws);
    return next;
  };
  return block as Block;
}

/** A part of the state or the structure that a block cannot do without. Throws `internal` where it is missing. */
export function required(part: Tensor | undefined, name: string): Tensor {
  if (!part) throw new EtalonError('internal', `internal: this block needs ${name}`);
  return part;
}

/** By the nodes that edges enter: a product with it is then made for each node or graph alone, see `splitGatherMatmul`. */
function graphOfEdges(
  graphs: Tensor | undefined,
  { receivers, nodeGraph }: EdgeTensors & Partial<GraphTensors>,
): { graphs?: Tensor } {
  return graphs && nodeGraph ? { graphs: gather(gather(graphs, nodeGraph), receivers) } : {};
}

function ofGraph(graphs: Tensor | undefined, index: Tensor | undefined): { graphs?: Tensor } {
  return graphs && index ? { graphs: gather(graphs, index) } : {};
}

function graphView(
  { edgeGraph, nodeGraph }: Partial<GraphTensors>,
  state: BlockState,
  incoming: Tensor,
): GraphView {
  const graphs = required(state.graphs, 'graphs');
  const over = (x: Tensor | undefined, index: Tensor | undefined) => (kind: Aggregation) =>
    aggregate(
      kind,
      required(x, 'edges'),
      required(index, 'the graph of each node and edge'),
      graphs.shape[0],
    );
  return {
    graphs,
    aggregateIncoming: over(incoming, nodeGraph),
    aggregateNodes: over(state.nodes, nodeGraph),
    aggregateEdges: over(state.edges, edgeGraph),
  };
}
