import { randomStream, type TaskContext } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';
import { assertClosed } from './closedPath.ts';
import { listNeighbours } from './neighbourLists.ts';
import { Numbering } from './stamps.ts';

export interface ReachedOptions {
  /** The most neighbours of a node. */
  top: number;
  /** Times that the path is gone along: k hops. */
  hops: number;
  seed: number;
}

/**
 * Plain k-hop neighbourhoods as an adjacency: of all nodes that some way along the path leads to, gone once to `hops` times, the node itself
 * left out, `top` different ones, all of them alike; their weights are 1 ÷ how many they are. What importance neighbourhoods are
 * compared with. The same for the same seed. O(nodes reached) for each node. Reports progress and throws `cancelled`.
 */
export async function reachedNeighbours(
  path: readonly Adjacency[],
  { top, hops, seed }: ReachedOptions,
  context: TaskContext,
): Promise<Adjacency> {
  assertClosed(path);
  const { rows } = path[0];
  const legs = path.map((adjacency) => ({ adjacency, met: new Numbering(adjacency.columns) }));
  const reached = new Numbering(rows);
  const neighboursOf = (node: number) => {
    const nodes = reachedFrom(node).filter((other) => other !== node);
    const chosen = randomStream(seed, node).shuffle(nodes).slice(0, top).sort();
    return { nodes: chosen, shares: new Float32Array(chosen.length).fill(1 / chosen.length) };
  };
  return listNeighbours(rows, top, neighboursOf, 'Following every way from every node', context);

  function reachedFrom(node: number): Int32Array {
    reached.restart();
    reached.numberOf(node);
    let border: Int32Array = Int32Array.of(node);
    for (let hop = 0; hop < hops; hop++) {
      const before = reached.count;
      for (const end of legs.reduce<Int32Array>((from, leg) => next(from, leg), border))
        reached.numberOf(end);
      border = reached.nodes().subarray(before);
    }
    return reached.nodes();
  }
}

/** The different nodes that edges lead to from some nodes. */
function next(from: Int32Array, { adjacency, met }: { adjacency: Adjacency; met: Numbering }): Int32Array {
  const { offsets, neighbours } = adjacency;
  met.restart();
  for (const node of from)
    for (let i = offsets[node]; i < offsets[node + 1]; i++) met.numberOf(neighbours[i]);
  return met.nodes();
}
