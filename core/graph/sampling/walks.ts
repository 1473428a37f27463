import { type Random, randomStream, type TaskContext } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';
import { AliasTables } from './alias.ts';
import { assertClosed } from './closedPath.ts';
import { listNeighbours } from './neighbourLists.ts';
import { Numbering } from './stamps.ts';

export interface WalkOptions {
  /** Walks from each node, and steps of each. */
  walks: number;
  steps: number;
  /** Chance, before each step, to go back to the start first. */
  restart: number;
}

/** The nodes that walks from one node visited most, most first, and their shares of the visits to all of them. */
export interface Importance {
  nodes: Int32Array;
  /** [nodes] sums to 1. */
  shares: Float32Array;
}

/** Above every node number: a count of visits and a node are one whole number. */
const NODE_RANGE = 2 ** 31;

/**
 * Importance by short random walks (PinSage: Ying et al. 2018, § 3.1 and 3.2): a node's neighbourhood are the nodes that walks from
 * it visit most, weighted by their L1-normalised visit counts. An edge is walked in proportion to its weight; a walk ends
 * where no edge leads on. O(walks · steps) a node.
 *
 * A step leads along all adjacencies of `path` in turn, and a visit is where it ends: one adjacency from nodes to nodes, or items
 * → users and users → items, by which a step goes from an item to another of a user of both.
 */
export class RandomWalks {
  readonly #legs: readonly Leg[];
  readonly #options: WalkOptions;
  readonly #visited: Numbering;
  /** By the numbers of visited nodes. */
  readonly #visits: Int32Array;

  constructor(path: readonly Adjacency[], options: WalkOptions) {
    assertClosed(path);
    this.#legs = path.map((adjacency) => new Leg(adjacency));
    this.#options = options;
    this.#visited = new Numbering(path[0].rows);
    this.#visits = new Int32Array(options.walks * options.steps);
  }

  /** The `top` nodes most visited from `start`, itself left out; fewer where walks meet fewer. Of equal counts the lower number. */
  importance(start: number, top: number, random: Random): Importance {
    this.#walk(start, random);
    const keys = new Float64Array(this.#visited.count);
    for (let number = 0; number < keys.length; number++)
      keys[number] = this.#visited.nodeAt(number) - this.#visits[number] * NODE_RANGE;
    keys.sort();
    const nodes = new Int32Array(Math.min(top, keys.length));
    const shares = new Float32Array(nodes.length);
    let total = 0;
    for (let i = 0; i < nodes.length; i++) {
      const visits = -Math.floor(keys[i] / NODE_RANGE);
      nodes[i] = keys[i] + visits * NODE_RANGE;
      shares[i] = visits;
      total += visits;
    }
    for (let i = 0; i < nodes.length; i++) shares[i] /= total;
    return { nodes, shares };
  }

  #walk(start: number, random: Random): void {
    const { walks, steps, restart } = this.#options;
    this.#visited.restart();
    for (let walk = 0; walk < walks; walk++) {
      let node = start;
      for (let step = 0; step < steps; step++) {
        if (restart > 0 && random.uniform() < restart) node = start;
        node = this.#step(node, random);
        if (node < 0) break;
        if (node !== start) this.#count(node);
      }
    }
  }

  #step(from: number, random: Random): number {
    let node = from;
    for (const leg of this.#legs) {
      node = leg.next(node, random);
      if (node < 0) break;
    }
    return node;
  }

  #count(node: number): void {
    const known = this.#visited.count;
    const number = this.#visited.numberOf(node);
    if (number === known) this.#visits[number] = 0;
    this.#visits[number]++;
  }
}

/** Steps along one adjacency. */
class Leg {
  readonly #adjacency: Adjacency;
  readonly #tables: AliasTables | null;

  constructor(adjacency: Adjacency) {
    this.#adjacency = adjacency;
    this.#tables = adjacency.weights && new AliasTables(adjacency.offsets, adjacency.weights);
  }

  /** A neighbour in proportion to weight; −1 where there is none. */
  next(node: number, random: Random): number {
    const { offsets, neighbours } = this.#adjacency;
    const begin = offsets[node];
    const degree = offsets[node + 1] - begin;
    if (degree === 0) return -1;
    const place = this.#tables ? this.#tables.draw(begin, degree, random) : random.int(degree);
    return neighbours[begin + place];
  }
}

/**
 * The importance neighbourhoods of all nodes as an adjacency with the shares as weights, to be sampled or aggregated like any
 * other. The same for the same seed. Reports progress and throws `cancelled`.
 */
export async function importanceNeighbours(
  path: readonly Adjacency[],
  { top, seed, ...options }: WalkOptions & { top: number; seed: number },
  context: TaskContext,
): Promise<Adjacency> {
  const walks = new RandomWalks(path, options);
  const neighboursOf = (node: number) => walks.importance(node, top, randomStream(seed, node));
  return listNeighbours(path[0].rows, top, neighboursOf, 'Walking from every node', context);
}
