import { breathe, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';
import type { Importance } from './walks.ts';

/** Nodes between two looks at the signal. */
const NODES_AT_ONCE = 1000;

/**
 * An adjacency of neighbours that are worked out node by node, at most `top` of each, with their shares as weights. Reports progress and
 * throws `cancelled`.
 */
export async function listNeighbours(
  rows: number,
  top: number,
  neighboursOf: (node: number) => Importance,
  stage: string,
  context: TaskContext,
): Promise<Adjacency> {
  const offsets = new Uint32Array(rows + 1);
  const neighbours = new Int32Array(rows * top);
  const weights = new Float32Array(rows * top);
  let end = 0;
  for (let node = 0; node < rows; node++) {
    const { nodes, shares } = neighboursOf(node);
    neighbours.set(nodes, end);
    weights.set(shares, end);
    end += nodes.length;
    offsets[node + 1] = end;
    if (node % NODES_AT_ONCE > 0) continue;
    context.report({ stage, done: node, total: rows, unit: 'nodes' });
    await breathe();
    throwIfCancelled(context.signal);
  }
  const edges = new Int32Array(end);
  for (let edge = 0; edge < end; edge++) edges[edge] = edge;
  return {
    rows,
    columns: rows,
    offsets,
    neighbours: neighbours.slice(0, end),
    edges,
    weights: weights.slice(0, end),
  };
}
