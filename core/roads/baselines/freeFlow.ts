import type { RoadNetwork } from '../network.ts';
import type { TripSet } from '../trips.ts';
import type { Baseline } from './baseline.ts';

/** Length ÷ legal limit of every segment, and nothing else. */
export const freeFlow: Baseline = {
  id: 'freeFlow',
  async fit(network) {
    return {
      predict: (trips) => ({
        medianS: Float32Array.from({ length: trips.count }, (_, trip) => tripFreeFlowS(network, trips, trip)),
      }),
    };
  },
};

export function freeFlowS(network: RoadNetwork, segment: number): number {
  return network.lengthM[segment] / (network.speedLimitKmh[segment] / 3.6);
}

function tripFreeFlowS(network: RoadNetwork, trips: TripSet, trip: number): number {
  let seconds = 0;
  for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
    seconds += freeFlowS(network, trips.segments[k]);
  return seconds;
}

/** [N] metres of each trip. */
export function tripLengthsM(network: RoadNetwork, trips: TripSet): Float32Array {
  return Float32Array.from({ length: trips.count }, (_, trip) => {
    let metres = 0;
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      metres += network.lengthM[trips.segments[k]];
    return metres;
  });
}
