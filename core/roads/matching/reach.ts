import FlatQueue from 'flatqueue';
import type { RoadNetwork } from '../network.ts';

/** What can be reached from the end of one segment, nearest first. */
export interface ReachTree {
  /** Everything nearer than this is in it. */
  readonly boundM: number;
  /** Segments whose start can be reached. The one that the tree belongs to is among them where a loop leads back. */
  readonly targets: Int32Array;
  /** Metres from the end of the source to the start of each target, U-turns included as metres. */
  readonly costM: Float64Array;
  /** Position in `targets` of the segment before it on the way; −1 for the source. */
  readonly parents: Int32Array;
}

/** Trees are kept until they hold so many targets together: some 80 MB. */
const MAX_KEPT = 5_000_000;
/** Bounds are rounded up to a few values, so that a tree serves many searches. */
const LEAST_BOUND_M = 300;
const BOUND_GROWTH = 1.4;

/**
 * Shortest ways over permitted turns from the end of a segment, up to a bound (Dijkstra 1959 on segments), remembered
 * by segment. Where a road has a way back, a vehicle may turn onto it at the end of a segment although the network
 * lists no such turn; that counts as `uTurnM` metres more.
 */
export class Reach {
  readonly #network: RoadNetwork;
  readonly #uTurnM: number;
  readonly #trees = new Map<number, ReachTree>();
  #kept = 0;
  readonly #queue = new FlatQueue<number>();
  readonly #bestM: Float64Array;
  readonly #parentOf: Int32Array;
  /** The search that last saw, and last settled, each segment. */
  readonly #seenIn: Int32Array;
  readonly #settledIn: Int32Array;
  #search = 0;
  #boundM = 0;

  constructor(network: RoadNetwork, uTurnM: number) {
    this.#network = network;
    this.#uTurnM = uTurnM;
    this.#bestM = new Float64Array(network.segmentCount);
    this.#parentOf = new Int32Array(network.segmentCount);
    this.#seenIn = new Int32Array(network.segmentCount);
    this.#settledIn = new Int32Array(network.segmentCount);
  }

  /** A tree that holds all that is within `boundM` of the segment's end, and maybe more. */
  from(segment: number, boundM: number): ReachTree {
    const known = this.#trees.get(segment);
    if (known && known.boundM >= boundM) return known;
    if (known) this.#kept -= known.targets.length;
    let roundM = LEAST_BOUND_M;
    while (roundM < boundM) roundM *= BOUND_GROWTH;
    const tree = this.#grow(segment, roundM);
    this.#kept += tree.targets.length;
    if (this.#kept > MAX_KEPT) {
      this.#trees.clear();
      this.#kept = tree.targets.length;
    }
    this.#trees.set(segment, tree);
    return tree;
  }

  #grow(source: number, boundM: number): ReachTree {
    this.#search++;
    this.#boundM = boundM;
    this.#queue.clear();
    const targets: number[] = [];
    const costs: number[] = [];
    const parents: number[] = [];
    this.#leave(source, -1, 0);
    while (this.#queue.length > 0) {
      const costM = this.#queue.peekValue()!;
      const segment = this.#queue.pop()!;
      if (this.#settledIn[segment] === this.#search) continue;
      this.#settledIn[segment] = this.#search;
      parents.push(this.#parentOf[segment]);
      costs.push(costM);
      this.#leave(segment, targets.push(segment) - 1, costM + this.#network.lengthM[segment]);
    }
    return {
      boundM,
      targets: Int32Array.from(targets),
      costM: Float64Array.from(costs),
      parents: Int32Array.from(parents),
    };
  }

  #leave(segment: number, parent: number, atM: number): void {
    const { turnOffsets, turnTo, reverse } = this.#network;
    const back = reverse[segment];
    for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++)
      if (turnTo[turn] !== back) this.#enter(turnTo[turn], parent, atM);
    if (back >= 0) this.#enter(back, parent, atM + this.#uTurnM);
  }

  #enter(segment: number, parent: number, costM: number): void {
    if (costM > this.#boundM || this.#settledIn[segment] === this.#search) return;
    if (this.#seenIn[segment] === this.#search && this.#bestM[segment] <= costM) return;
    this.#seenIn[segment] = this.#search;
    this.#bestM[segment] = costM;
    this.#parentOf[segment] = parent;
    this.#queue.push(segment, costM);
  }
}
