import { EtalonError, type Random } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';
import { type Choose, chooserOf } from './choose.ts';
import { Numbering } from './stamps.ts';

/**
 * What one layer computes: the states of its targets from those of its sources, of which the targets are the first. Numbers are
 * rows of the layer's input and output.
 */
export interface FlowBlock {
  readonly sourceCount: number;
  readonly targetCount: number;
  /** [edges] row among the sources that a message comes from; row among the targets that it goes to, ascending. */
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** [targets] each target's own row among the sources: 0, 1, 2 … */
  readonly self: Int32Array;
  /** [edges] entries of the adjacency that was sampled: where an edge's weight stands, and in `edges` its number. */
  readonly entries: Int32Array;
}

/** A batch of seeds with all that its layers need. */
export interface MessageFlow {
  /** In the order of the layers; the sources of a block are the targets of the one before, the targets of the last the seeds. */
  readonly blocks: readonly FlowBlock[];
  /** [sources of the first block] the nodes whose features are its input. */
  readonly nodes: Int32Array;
  /** [seeds] the row of each seed in the last layer's output: a seed given twice has one row. */
  readonly seedRows: Int32Array;
}

/**
 * Samples the neighbourhoods of mini-batches (Hamilton et al. 2017, algorithm 2): hop by hop from the seeds outwards, each node
 * met so far draws at most as many neighbours as the hop's fan-out, without putting back: uniformly, or in proportion to
 * the adjacency's weights. O(sampled) time and memory a batch; what is kept between batches is 8 bytes a node, and 8 for each
 * weight.
 */
export class NeighbourSampler {
  readonly #adjacency: Adjacency;
  readonly #fanouts: readonly number[];
  readonly #numbering: Numbering;
  readonly #choose: Choose;

  /** @param fanouts one for each layer, counted from the seeds; infinity takes all neighbours. */
  constructor(adjacency: Adjacency, fanouts: readonly number[]) {
    if (adjacency.rows !== adjacency.columns)
      throw new EtalonError('internal', 'internal: neighbours of neighbours need nodes of one kind');
    const isFanout = (fanout: number) =>
      fanout > 0 && (Number.isInteger(fanout) || fanout === Number.POSITIVE_INFINITY);
    if (fanouts.length === 0 || !fanouts.every(isFanout))
      throw new EtalonError('internal', `internal: [${fanouts}] are no fan-outs`);
    this.#adjacency = adjacency;
    this.#fanouts = fanouts;
    this.#numbering = new Numbering(adjacency.rows);
    this.#choose = chooserOf(adjacency);
  }

  sample(seeds: Int32Array, random: Random): MessageFlow {
    this.#numbering.restart();
    const seedRows = seeds.map((seed) => this.#numbering.numberOf(this.#checked(seed)));
    const hops = this.#fanouts.map((fanout) => this.#hop(fanout, random));
    return { blocks: hops.reverse(), nodes: this.#numbering.nodes(), seedRows };
  }

  #hop(fanout: number, random: Random): FlowBlock {
    const numbering = this.#numbering;
    const { offsets, neighbours } = this.#adjacency;
    const targetCount = numbering.count;
    const edgeCount = this.#edgesOfHop(fanout);
    const entries = new Int32Array(edgeCount);
    const senders = new Int32Array(edgeCount);
    const receivers = new Int32Array(edgeCount);
    let edge = 0;
    for (let target = 0; target < targetCount; target++) {
      const node = numbering.nodeAt(target);
      const begin = offsets[node];
      const degree = offsets[node + 1] - begin;
      const end = edge + Math.min(degree, fanout);
      if (degree > fanout) this.#choose(node, fanout, random, entries, edge);
      else for (let i = 0; i < degree; i++) entries[edge + i] = begin + i;
      for (; edge < end; edge++) {
        senders[edge] = numbering.numberOf(neighbours[entries[edge]]);
        receivers[edge] = target;
      }
    }
    const self = new Int32Array(targetCount);
    for (let target = 0; target < targetCount; target++) self[target] = target;
    return { sourceCount: numbering.count, targetCount, senders, receivers, self, entries };
  }

  #edgesOfHop(fanout: number): number {
    const { offsets } = this.#adjacency;
    let edges = 0;
    for (let target = 0; target < this.#numbering.count; target++) {
      const node = this.#numbering.nodeAt(target);
      edges += Math.min(offsets[node + 1] - offsets[node], fanout);
    }
    return edges;
  }

  #checked(seed: number): number {
    if (seed >= 0 && seed < this.#adjacency.rows) return seed;
    throw new EtalonError('internal', `internal: seed ${seed} is outside 0 … ${this.#adjacency.rows - 1}`);
  }
}

/** The most nodes and edges that a batch of so many seeds can have, by layer: what a slot of fixed size must hold. */
export function largestFlow(
  nodeCount: number,
  seeds: number,
  fanouts: readonly number[],
): { nodes: number[]; edges: number[] } {
  const nodes = [Math.min(seeds, nodeCount)];
  const edges: number[] = [];
  for (const fanout of fanouts) {
    edges.unshift(nodes[0] * fanout);
    nodes.unshift(Math.min(nodeCount, nodes[0] * (1 + fanout)));
  }
  return { nodes, edges };
}
