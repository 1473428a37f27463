import type { TripSet } from '../trips.ts';
import type { ModelByTime } from './crossFit.ts';

/**
 * What trips took against what the segment model expected. "Known at" is the time from which a deployed system
 * could know the figure: a trip's or traversal's end, never its start.
 */
export interface TripResiduals {
  /** [N] log(observed ÷ expected), within ±1.5; NaN without an observed time. */
  readonly logRatio: Float64Array;
  /** [N] UTC seconds. */
  readonly knownAtS: Float64Array;
  /** [M] expected seconds of each traversal; empty unless segment times are known. */
  readonly expectedS: Float32Array;
  /** [M] UTC seconds at which a traversal with known seconds had ended; empty unless segment times are known. */
  readonly traversalKnownAtS: Float64Array;
}

const LIMIT = 1.5;

export function tripResiduals(trips: TripSet, models: ModelByTime): TripResiduals {
  const logRatio = new Float64Array(trips.count);
  const knownAtS = new Float64Array(trips.count);
  const traversalCount = trips.segmentS ? trips.segments.length : 0;
  const expectedS = new Float32Array(traversalCount);
  const traversalKnownAtS = new Float64Array(traversalCount);
  for (let trip = 0; trip < trips.count; trip++) {
    const model = models.modelAt(trips.localDepartS[trip]);
    logRatio[trip] = boundedLogRatio(trips.totalS[trip], model.predictTrip(trips, trip));
    knownAtS[trip] = trips.departS[trip] + trips.totalS[trip];
    if (!trips.segmentS) continue;
    const begin = trips.offsets[trip];
    expectedS.set(model.traversalsS(trips, trip), begin);
    let endS = trips.departS[trip];
    for (let k = begin; k < trips.offsets[trip + 1]; k++) {
      endS += trips.segmentS[k];
      // After a gap in the trip's times nobody can tell when a traversal ended: it is known with the trip's end.
      traversalKnownAtS[k] = Number.isNaN(endS) ? knownAtS[trip] : endS;
    }
  }
  return { logRatio, knownAtS, expectedS, traversalKnownAtS };
}

/** log(observed ÷ expected), kept within ±1.5 so that one stray trip cannot move an average. NaN unless both are positive. */
export function boundedLogRatio(observedS: number, expectedS: number): number {
  if (!(observedS > 0 && expectedS > 0)) return Number.NaN;
  return Math.max(-LIMIT, Math.min(LIMIT, Math.log(observedS / expectedS)));
}
