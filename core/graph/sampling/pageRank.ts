import type { Adjacency } from '../adjacency.ts';
import { Numbering } from './stamps.ts';

export interface PageRankOptions {
  /** Chance of going back to the start at each step. */
  restart: number;
  /** What a node may keep back for each of its edges. The smaller, the more nodes are ranked: some 1 / (restart · tolerance). */
  tolerance: number;
}

/** Nodes by personalised PageRank from one node, itself left out, the nearest first. */
export interface Ranking {
  nodes: Int32Array;
  /** [nodes] descending, of equal ones the lower node number first */
  scores: Float64Array;
}

/**
 * Personalised PageRank by pushes (Andersen, Chung & Lang 2006, § 3): a node whose residual exceeds the tolerance times its degree
 * keeps the restart's share of it as its score and pushes the rest to its neighbours in proportion to weight; one without
 * neighbours pushes it to the start. Scores and residuals always sum to 1, so a score is too low by no more than the residuals
 * left in all. Only nodes near the start are touched, whatever the size of the graph.
 */
export class PersonalisedPageRank {
  readonly #adjacency: Adjacency;
  readonly #options: PageRankOptions;
  /** [rows] sum of the weights of each node's edges. */
  readonly #totals: Float64Array;
  readonly #scores: Float64Array;
  readonly #residuals: Float64Array;
  readonly #touched: Numbering;
  readonly #queue: Queue;

  constructor(adjacency: Adjacency, options: PageRankOptions) {
    const { rows, offsets, weights } = adjacency;
    this.#adjacency = adjacency;
    this.#options = options;
    this.#totals = new Float64Array(rows);
    for (let node = 0; node < rows; node++)
      for (let i = offsets[node]; i < offsets[node + 1]; i++) this.#totals[node] += weights ? weights[i] : 1;
    this.#scores = new Float64Array(rows);
    this.#residuals = new Float64Array(rows);
    this.#touched = new Numbering(rows);
    this.#queue = new Queue(rows);
  }

  rank(start: number): Ranking {
    this.#touched.restart();
    this.#give(start, 1);
    for (let node = this.#queue.take(); node >= 0; node = this.#queue.take()) this.#push(node, start);
    return this.#collect(start);
  }

  #push(node: number, start: number): void {
    const { offsets, neighbours, weights } = this.#adjacency;
    const residual = this.#residuals[node];
    this.#residuals[node] = 0;
    this.#scores[node] += this.#options.restart * residual;
    const rest = (1 - this.#options.restart) * residual;
    if (offsets[node] === offsets[node + 1]) this.#give(start, rest);
    const share = rest / this.#totals[node];
    for (let i = offsets[node]; i < offsets[node + 1]; i++)
      this.#give(neighbours[i], weights ? share * weights[i] : share);
  }

  #give(node: number, amount: number): void {
    const { offsets } = this.#adjacency;
    this.#touched.numberOf(node);
    this.#residuals[node] += amount;
    const degree = Math.max(1, offsets[node + 1] - offsets[node]);
    if (this.#residuals[node] > this.#options.tolerance * degree) this.#queue.add(node);
  }

  /** Ranks what was touched and leaves all zero for the next start. */
  #collect(start: number): Ranking {
    const nodes = this.#touched
      .nodes()
      .filter((node) => node !== start && this.#scores[node] > 0)
      .sort((a, b) => this.#scores[b] - this.#scores[a] || a - b);
    const scores = Float64Array.from(nodes, (node) => this.#scores[node]);
    for (const node of this.#touched.nodes()) {
      this.#scores[node] = 0;
      this.#residuals[node] = 0;
    }
    return { nodes, scores };
  }
}

/** First in, first out; a node that waits already is not added again. */
class Queue {
  readonly #ring: Int32Array;
  readonly #waits: Uint8Array;
  #first = 0;
  #count = 0;

  constructor(nodes: number) {
    this.#ring = new Int32Array(nodes);
    this.#waits = new Uint8Array(nodes);
  }

  add(node: number): void {
    if (this.#waits[node]) return;
    this.#waits[node] = 1;
    this.#ring[(this.#first + this.#count++) % this.#ring.length] = node;
  }

  /** −1 when nothing waits. */
  take(): number {
    if (this.#count === 0) return -1;
    const node = this.#ring[this.#first];
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
    this.#waits[node] = 0;
    return node;
  }
}
