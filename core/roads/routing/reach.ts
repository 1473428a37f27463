import type { RoadNetwork } from '../network.ts';
import { Labels } from './labels.ts';
import type { RouteCosts, RoutePlace } from './types.ts';

/** A stretch of a segment that is reached in time: from `begin` to `end`, shares of its length, at these clocks. */
export interface ReachedPart {
  segment: number;
  begin: number;
  end: number;
  beginS: number;
  endS: number;
}

export interface TravelMatrix {
  /** [from · to] seconds of the quickest way, row by row; Infinity where there is none. */
  seconds: Float64Array;
  /** [from · to] metres of that way. */
  metres: Float64Array;
}

/** Searches from one place to everywhere: time-dependent Dijkstra on the clock at which each segment is entered. */
export class OneToAll {
  readonly #network: RoadNetwork;
  readonly #labels: Labels;
  /** [S] driven metres at the segment's start. */
  readonly #drivenM: Float64Array;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#labels = new Labels(network.segmentCount);
    this.#drivenM = new Float64Array(network.segmentCount);
  }

  /** Every stretch of road that a drive which departs at `departS` reaches by `untilS`; a segment may come in several. */
  parts(from: readonly RoutePlace[], departS: number, untilS: number, costs: RouteCosts): ReachedPart[] {
    const parts: ReachedPart[] = [];
    const add = (segment: number, begin: number, clockS: number, wholeS: number) => {
      const share = wholeS > 0 ? (untilS - clockS) / wholeS : 1;
      const end = Math.min(1, begin + share);
      if (end > begin)
        parts.push({ segment, begin, end, beginS: clockS, endS: clockS + (end - begin) * wholeS });
    };
    for (const { segment, fraction } of from)
      add(segment, fraction, departS, costs.traversalS(segment, departS));
    this.#search(from, departS, costs, (segment, clockS, wholeS) => {
      if (clockS >= untilS) return false;
      add(segment, 0, clockS, wholeS);
      return true;
    });
    return parts;
  }

  /** Seconds and metres of the quickest ways to several destinations, each a choice of places, into rows of a matrix. */
  toEach(
    from: readonly RoutePlace[],
    destinations: readonly (readonly RoutePlace[])[],
    departS: number,
    costs: RouteCosts,
    { seconds, metres }: TravelMatrix,
    row: number,
  ): void {
    const { lengthM } = this.#network;
    const ends = endsBySegment(destinations);
    let missing = destinations.length;
    /** The last of the arrivals, once there is one of each: nothing that is entered later improves any. */
    let lastS = Infinity;
    const offer = (to: number, durationS: number, drivenM: number) => {
      const at = row + to;
      if (!(durationS < seconds[at])) return;
      if (seconds[at] === Infinity) missing--;
      seconds[at] = durationS;
      metres[at] = drivenM;
    };
    seconds.fill(Infinity, row, row + destinations.length);
    metres.fill(Infinity, row, row + destinations.length);
    for (const { segment, fraction } of from)
      for (const end of ends.get(segment) ?? [])
        if (end.fraction >= fraction) {
          const share = end.fraction - fraction;
          offer(end.to, share * costs.traversalS(segment, departS), share * lengthM[segment]);
        }
    this.#search(from, departS, costs, (segment, clockS, wholeS) => {
      if (missing === 0 && lastS === Infinity)
        lastS =
          departS + seconds.subarray(row, row + destinations.length).reduce((a, b) => Math.max(a, b), 0);
      if (clockS >= lastS) return false;
      const here = ends.get(segment);
      if (here)
        for (const { to, fraction } of here)
          offer(
            to,
            clockS + fraction * wholeS - departS,
            this.#drivenM[segment] + fraction * lengthM[segment],
          );
      return true;
    });
  }

  /** Tells of each segment in order of its entry, with the seconds of its traversal; ends when `visit` says no more. */
  #search(
    from: readonly RoutePlace[],
    departS: number,
    costs: RouteCosts,
    visit: (segment: number, clockS: number, wholeS: number) => boolean,
  ): void {
    const { turnOffsets, turnTo, lengthM } = this.#network;
    const labels = this.#labels;
    const { queue } = labels;
    const leave = (segment: number, clockS: number, drivenM: number) => {
      for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) {
        const next = turnTo[turn];
        const known = labels.reached(next);
        if (known && labels.settled(next)) continue;
        const atS = clockS + costs.turnS(turn, clockS);
        if (!(atS < (known ? labels.clockS[next] : Infinity))) continue;
        labels.set(next, atS, turn, -1);
        this.#drivenM[next] = drivenM;
        queue.push(next, atS);
      }
    };
    labels.begin();
    for (const { segment, fraction } of from) {
      const restS = (1 - fraction) * costs.traversalS(segment, departS);
      leave(segment, departS + restS, (1 - fraction) * lengthM[segment]);
    }
    while (queue.length > 0) {
      const segment = queue.pop()!;
      if (labels.settled(segment)) continue;
      labels.settle(segment);
      const clockS = labels.clockS[segment];
      const wholeS = costs.traversalS(segment, clockS);
      if (!visit(segment, clockS, wholeS)) return;
      leave(segment, clockS + wholeS, this.#drivenM[segment] + lengthM[segment]);
    }
  }
}

function endsBySegment(
  destinations: readonly (readonly RoutePlace[])[],
): Map<number, { to: number; fraction: number }[]> {
  const ends = new Map<number, { to: number; fraction: number }[]>();
  destinations.forEach((places, to) => {
    for (const { segment, fraction } of places) {
      const known = ends.get(segment);
      if (known) known.push({ to, fraction });
      else ends.set(segment, [{ to, fraction }]);
    }
  });
  return ends;
}
