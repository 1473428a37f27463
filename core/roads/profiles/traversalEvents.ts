import type { RoadNetwork } from '../network.ts';
import type { ObservationSet } from '../observations.ts';
import type { TripSet } from '../trips.ts';
import type { ModelByTime } from './crossFit.ts';
import type { TripResiduals } from './residuals.ts';
import { TimedSums } from './timedSums.ts';

/** Drives over segments: what each took and was expected to take, and from when on that could be known. `E` is their count. */
export interface TraversalEvents {
  /** [E] each. */
  readonly segment: Float64Array;
  readonly knownAtS: Float64Array;
  readonly observedS: Float64Array;
  readonly expectedS: Float64Array;
}

/** Traversals of trips whose seconds are known, each known when it ended. */
export function tripTraversals(trips: TripSet, residuals: TripResiduals): TraversalEvents {
  const known: number[] = [];
  if (trips.segmentS)
    for (let k = 0; k < trips.segments.length; k++)
      if (trips.segmentS[k] >= 0 && !Number.isNaN(residuals.traversalKnownAtS[k])) known.push(k);
  const pick = (values: ArrayLike<number>) => Float64Array.from(known, (k) => values[k]);
  return {
    segment: pick(trips.segments),
    knownAtS: pick(residuals.traversalKnownAtS),
    observedS: trips.segmentS ? pick(trips.segmentS) : new Float64Array(0),
    expectedS: pick(residuals.expectedS),
  };
}

/** Observations of segments as drives at their mean speed, each known when its interval ended. */
export function observedTraversals(
  network: RoadNetwork,
  models: ModelByTime,
  { count, segment, startS, localStartS, durationS, speedKmh }: ObservationSet,
): TraversalEvents {
  const column = (of: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => of(i));
  return {
    segment: Float64Array.from(segment),
    knownAtS: column((i) => startS[i] + durationS[i]),
    observedS: column((i) => (3.6 * network.lengthM[segment[i]]) / speedKmh[i]),
    expectedS: column((i) => {
      const model = models.modelAt(localStartS[i]);
      return Math.max(0.1, model.drivingS(segment[i], localStartS[i]) + model.endDelayS(segment[i], -1));
    }),
  };
}

export function joinEvents(parts: readonly TraversalEvents[]): TraversalEvents {
  if (parts.length === 1) return parts[0];
  const join = (of: (part: TraversalEvents) => Float64Array) => {
    const joined = new Float64Array(parts.reduce((sum, part) => sum + of(part).length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(of(part), at);
      at += of(part).length;
    }
    return joined;
  };
  return {
    segment: join(({ segment }) => segment),
    knownAtS: join(({ knownAtS }) => knownAtS),
    observedS: join(({ observedS }) => observedS),
    expectedS: join(({ expectedS }) => expectedS),
  };
}

/** Sums by group of segments and time. Quantities: observed seconds, expected seconds. */
export function eventSums(
  { segment, knownAtS, observedS, expectedS }: TraversalEvents,
  groups: number,
  groupOf: (segment: number) => number = (s) => s,
): TimedSums {
  return new TimedSums(groups, segment.map(groupOf), knownAtS, [observedS, expectedS]);
}
