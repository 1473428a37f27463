import { freeFlowS } from './baselines/freeFlow.ts';
import type { RoadNetwork } from './network.ts';
import type { ObservationSet } from './observations.ts';
import { TimedSums } from './profiles/timedSums.ts';
import type { TripSet } from './trips.ts';

/** Traversals with the seconds that they took, as columns in the trips' order. `M` is their count. */
export interface Traversals {
  readonly count: number;
  /** [M] */
  readonly segment: Int32Array;
  /** [M] places in the trips' column of segments, ascending. */
  readonly position: Uint32Array;
  /** [M] wall-clock seconds since a local 1970-01-01T00:00 at which the segment was entered. */
  readonly enteredLocalS: Float64Array;
  /** [M] seconds on the segment, above 0. */
  readonly seconds: Float32Array;
  /** How many of them are shares of a trip's time, because nobody measured them. */
  readonly spread: number;
}

/**
 * Every traversal with its time. Where a trip's source gives no seconds for a segment, what is left of the trip's time is spread
 * over such segments in proportion to their free-flow seconds; `spread` says how many those are. Trips without a time, and
 * those whose known seconds leave nothing for the rest, are left out as far as nothing is known of them.
 */
export function timedTraversals(network: RoadNetwork, trips: TripSet): Traversals {
  const segment = new Int32Array(trips.segments.length);
  const position = new Uint32Array(trips.segments.length);
  const enteredLocalS = new Float64Array(trips.segments.length);
  const seconds = new Float32Array(trips.segments.length);
  let count = 0;
  let spread = 0;
  for (let trip = 0; trip < trips.count; trip++) {
    const pace = unknownPace(network, trips, trip);
    let clockS = trips.localDepartS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
      const measured = trips.segmentS ? trips.segmentS[k] : Number.NaN;
      const known = measured > 0;
      const traversalS = known ? measured : pace * freeFlowS(network, trips.segments[k]);
      // NaN: nothing is known of the trip's time from here on.
      if (!(traversalS > 0)) {
        if (Number.isNaN(traversalS)) break;
        continue;
      }
      segment[count] = trips.segments[k];
      position[count] = k;
      enteredLocalS[count] = clockS;
      seconds[count] = traversalS;
      count++;
      if (!known) spread++;
      clockS += traversalS;
    }
  }
  return {
    count,
    segment: segment.subarray(0, count),
    position: position.subarray(0, count),
    enteredLocalS: enteredLocalS.subarray(0, count),
    seconds: seconds.subarray(0, count),
    spread,
  };
}

/** Seconds per free-flow second of those traversals of a trip whose seconds are unknown; NaN where nothing is left for them. */
function unknownPace(network: RoadNetwork, trips: TripSet, trip: number): number {
  let restS = trips.totalS[trip];
  let freeS = 0;
  for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
    const measured = trips.segmentS ? trips.segmentS[k] : Number.NaN;
    if (measured > 0) restS -= measured;
    else freeS += freeFlowS(network, trips.segments[k]);
  }
  return restS > 0 && freeS > 0 ? restS / freeS : Number.NaN;
}

/** What segments took, as columns: traversals of trips, and observations as drives at their mean speed. `M` is their count. */
export interface SegmentTimes extends Pick<Traversals, 'count' | 'segment' | 'enteredLocalS' | 'seconds'> {
  /** [M] when it could be known: a traversal at its end, an observation at the end of its interval. */
  readonly knownLocalS: Float64Array;
}

/** Traversals, and behind them what was observed. */
export function segmentTimes(
  network: RoadNetwork,
  traversals: Traversals,
  observations: ObservationSet,
): SegmentTimes {
  const count = traversals.count + observations.count;
  const segment = new Int32Array(count);
  const enteredLocalS = new Float64Array(count);
  const seconds = new Float32Array(count);
  segment.set(traversals.segment);
  enteredLocalS.set(traversals.enteredLocalS);
  seconds.set(traversals.seconds);
  const knownLocalS = enteredLocalS.map((enteredS, i) => enteredS + seconds[i]);
  for (let i = 0, at = traversals.count; i < observations.count; i++, at++) {
    segment[at] = observations.segment[i];
    enteredLocalS[at] = observations.localStartS[i];
    knownLocalS[at] = observations.localStartS[i] + observations.durationS[i];
    seconds[at] = (3.6 * network.lengthM[segment[at]]) / observations.speedKmh[i];
  }
  return { count, segment, enteredLocalS, seconds, knownLocalS };
}

/** Of each segment by the time at which they were known; quantity 0 is their seconds. */
export function timesByEnd(network: RoadNetwork, { segment, knownLocalS, seconds }: SegmentTimes): TimedSums {
  return new TimedSums(network.segmentCount, segment, knownLocalS, [seconds]);
}
