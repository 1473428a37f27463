import { EtalonError } from '../base/index.ts';
import { type Graph, groupBy } from './graph.ts';

/**
 * Neighbours by node, as compressed sparse rows: those of row i are the entries `offsets[i]` … `offsets[i + 1] − 1`. Rows and
 * neighbours may be of different kinds (users and items), each numbered from 0.
 */
export interface Adjacency {
  /** Nodes whose neighbours are listed, and nodes that a neighbour may be. */
  readonly rows: number;
  readonly columns: number;
  /** [rows + 1] */
  readonly offsets: Uint32Array;
  /** [entries] the neighbour, and the number of the edge that leads to it in the columns that this was built from. */
  readonly neighbours: Int32Array;
  readonly edges: Int32Array;
  /** [entries] positive; null: all alike. */
  readonly weights: Float32Array | null;
}

export interface EdgeColumns {
  rows: number;
  columns: number;
  /** [edges] row of each edge, and the neighbour that the row has by it. */
  from: Int32Array;
  to: Int32Array;
  /** [edges] */
  weights?: Float32Array | null;
}

/**
 * Lists neighbours in the order of the edges, in O(rows + edges). Throws `internal` for an edge outside of the nodes, and for a
 * weight that is not positive and finite: an edge that must never be taken has to be left out.
 */
export function adjacencyOf({ rows, columns, from, to, weights = null }: EdgeColumns): Adjacency {
  if (to.length !== from.length || (weights && weights.length !== from.length))
    throw new EtalonError('internal', 'internal: the columns of the edges differ in length');
  const { offsets, entries: edges } = groupBy(from, rows);
  const neighbours = new Int32Array(edges.length);
  for (let i = 0; i < edges.length; i++) neighbours[i] = to[edges[i]];
  checkNeighbours(neighbours, columns);
  return { rows, columns, offsets, neighbours, edges, weights: weights && sortedWeights(weights, edges) };
}

/** Senders by receiver: whose messages a node takes. */
export function incomingNeighbours(graph: Graph, weights: Float32Array | null = null): Adjacency {
  const { nodeCount, senders, receivers } = graph;
  return adjacencyOf({ rows: nodeCount, columns: nodeCount, from: receivers, to: senders, weights });
}

/** Receivers by sender: where a walk may go. */
export function outgoingNeighbours(graph: Graph, weights: Float32Array | null = null): Adjacency {
  const { nodeCount, senders, receivers } = graph;
  return adjacencyOf({ rows: nodeCount, columns: nodeCount, from: senders, to: receivers, weights });
}

export function largestDegree({ rows, offsets }: Adjacency): number {
  let largest = 0;
  for (let row = 0; row < rows; row++) largest = Math.max(largest, offsets[row + 1] - offsets[row]);
  return largest;
}

function checkNeighbours(neighbours: Int32Array, columns: number): void {
  for (const neighbour of neighbours)
    if (neighbour < 0 || neighbour >= columns)
      throw new EtalonError('internal', `internal: neighbour ${neighbour} is outside 0 … ${columns - 1}`);
}

function sortedWeights(weights: Float32Array, edges: Int32Array): Float32Array {
  const sorted = new Float32Array(edges.length);
  for (let i = 0; i < edges.length; i++) {
    const weight = weights[edges[i]];
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY))
      throw new EtalonError('internal', `internal: edge ${edges[i]} has the weight ${weight}`);
    sorted[i] = weight;
  }
  return sorted;
}
