import FlatQueue from 'flatqueue';
import { type IncomingTurns, incomingTurns } from '../incomingTurns.ts';
import type { RoadNetwork } from '../network.ts';

/** Seconds to drive each segment and to make each turn; not finite = closed. */
export interface FixedCosts {
  segmentS: ArrayLike<number>;
  turnS: ArrayLike<number>;
}

/** Quickest ways from one segment to all others, and from all others to it (Dijkstra 1959), at fixed costs. */
export class Reach {
  readonly #network: RoadNetwork;
  readonly #incoming: IncomingTurns;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#incoming = incomingTurns(network);
  }

  /** [S] seconds from the start of `segment` to the end of each. */
  from(segment: number, { segmentS, turnS }: FixedCosts): Float64Array {
    const { turnOffsets, turnTo } = this.#network;
    return this.#spread(segment, segmentS, (at, visit) => {
      for (let turn = turnOffsets[at]; turn < turnOffsets[at + 1]; turn++) visit(turnTo[turn], turnS[turn]);
    });
  }

  /** [S] seconds from the start of each to the end of `segment`. */
  to(segment: number, { segmentS, turnS }: FixedCosts): Float64Array {
    const { turnFrom } = this.#network;
    const { offsets, turns } = this.#incoming;
    return this.#spread(segment, segmentS, (at, visit) => {
      for (let i = offsets[at]; i < offsets[at + 1]; i++) visit(turnFrom[turns[i]], turnS[turns[i]]);
    });
  }

  #spread(
    first: number,
    segmentS: ArrayLike<number>,
    neighbours: (segment: number, visit: (next: number, turnS: number) => void) => void,
  ): Float64Array {
    const reachedS = new Float64Array(this.#network.segmentCount).fill(Infinity);
    const settled = new Uint8Array(this.#network.segmentCount);
    const queue = new FlatQueue<number>();
    reachedS[first] = segmentS[first];
    queue.push(first, reachedS[first]);
    for (let segment = queue.pop(); segment !== undefined; segment = queue.pop()) {
      if (settled[segment]) continue;
      settled[segment] = 1;
      const soFarS = reachedS[segment];
      neighbours(segment, (next, turnS) => {
        const atS = soFarS + turnS + segmentS[next];
        if (!(atS < reachedS[next])) return;
        reachedS[next] = atS;
        queue.push(next, atS);
      });
    }
    return reachedS;
  }
}
