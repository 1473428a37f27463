import type { RoadNetwork } from '../network.ts';
import type { TripSet } from '../trips.ts';
import type { Baseline } from './baseline.ts';
import { heldOutRows } from './heldOut.ts';
import { type HistoricalProfile, historicalProfile } from './historicalProfile.ts';
import { currentTraffic } from './live.ts';
import { ResidualInterval } from './residualInterval.ts';

/** Minutes after departure, by history, at which the share of current traffic changes. */
const HORIZON_BOUNDS_MIN = [0, 5, 10, 20, 40];
const HORIZONS = HORIZON_BOUNDS_MIN.length;
/** A trip's row: seconds by history, then by how many current traffic differs on the segments of each horizon. */
const WIDTH = 1 + HORIZONS;
const SWEEPS = 200;

/**
 * Current traffic near the start, history far from it: seconds by history + Σ_h w_h · (current − history on the segments reached
 * within horizon h). The shares w in 0 … 1 minimise the squared errors, weighed by y^−1.5, of training days held out.
 */
export const blend: Baseline = {
  id: 'blend',
  async fit(network, train, context) {
    const profile = historicalProfile(network, train);
    const heldOut = await heldOutRows(
      train,
      WIDTH,
      (part) => {
        const partProfile = historicalProfile(network, part);
        return (trips) => tripRows(network, partProfile, trips, train);
      },
      context,
    );
    const shares = fitShares(heldOut, train.totalS);
    const interval = new ResidualInterval(blended(heldOut, shares), train.totalS);
    return {
      predict: (trips, observed) =>
        interval.around(blended(tripRows(network, profile, trips, observed), shares)),
    };
  },
};

/** [N · WIDTH] */
function tripRows(
  network: RoadNetwork,
  profile: HistoricalProfile,
  trips: TripSet,
  observed: TripSet,
): Float32Array {
  const traffic = currentTraffic(network, profile, observed);
  const rows = new Float32Array(trips.count * WIDTH);
  for (let trip = 0; trip < trips.count; trip++) {
    const row = rows.subarray(trip * WIDTH, (trip + 1) * WIDTH);
    const begin = trips.offsets[trip];
    traffic.traversalsS(trips, trip).forEach((currentS, i) => {
      const usualS = profile.segmentS(trips.segments[begin + i], trips.localDepartS[trip] + row[0]);
      const horizon = HORIZON_BOUNDS_MIN.findLastIndex((minutes) => minutes * 60 <= row[0]);
      row[1 + horizon] += currentS - usualS;
      row[0] += usualS;
    });
  }
  return rows;
}

function blended(rows: Float32Array, shares: Float64Array): Float32Array {
  return Float32Array.from({ length: rows.length / WIDTH }, (_, trip) => {
    let seconds = rows[trip * WIDTH];
    for (let h = 0; h < HORIZONS; h++) seconds += shares[h] * rows[trip * WIDTH + 1 + h];
    return Math.max(1, seconds);
  });
}

/** [HORIZONS] by coordinate descent, each share kept in 0 … 1: the problem is convex. A horizon never reached stays at ½. */
function fitShares(rows: Float32Array, observedS: Float32Array): Float64Array {
  const products = new Float64Array(HORIZONS * HORIZONS);
  const right = new Float64Array(HORIZONS);
  for (let trip = 0; trip < observedS.length; trip++) {
    const y = observedS[trip];
    if (!(y > 0)) continue;
    const row = rows.subarray(trip * WIDTH, (trip + 1) * WIDTH);
    const weight = y ** -1.5;
    for (let i = 0; i < HORIZONS; i++) {
      right[i] += weight * row[1 + i] * (y - row[0]);
      for (let j = 0; j < HORIZONS; j++) products[i * HORIZONS + j] += weight * row[1 + i] * row[1 + j];
    }
  }
  const shares = new Float64Array(HORIZONS).fill(0.5);
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let i = 0; i < HORIZONS; i++) {
      if (products[i * HORIZONS + i] === 0) continue;
      let residual = right[i];
      for (let j = 0; j < HORIZONS; j++) if (j !== i) residual -= products[i * HORIZONS + j] * shares[j];
      shares[i] = Math.min(1, Math.max(0, residual / products[i * HORIZONS + i]));
    }
  return shares;
}
