import { freeFlowS, type RoadNetwork, type TripSet } from '../roads/index.ts';

/** Lower ends of the map legend's classes of speed ÷ free-flow speed, fastest first; the sixth class lies below. */
const CLASS_BREAKS = Float32Array.of(0.9, 0.75, 0.6, 0.45, 0.3);

/** [6] kilometres of each class; segments without a prediction are in none. */
export function classKm(network: RoadNetwork, ratios: Float32Array): number[] {
  const km = new Array<number>(CLASS_BREAKS.length + 1).fill(0);
  for (let s = 0; s < network.segmentCount; s++) {
    if (Number.isNaN(ratios[s])) continue;
    const found = CLASS_BREAKS.findIndex((lowest) => ratios[s] >= lowest);
    km[found < 0 ? CLASS_BREAKS.length : found] += network.lengthM[s] / 1000;
  }
  return km;
}

/** [S] free-flow seconds of all traversals of each segment; of one traversal each where there are no trips at all. */
export function drivenFreeFlowS(network: RoadNetwork, traversals: Uint32Array): Float64Array {
  const any = traversals.some((count) => count > 0);
  return Float64Array.from(traversals, (count, s) => freeFlowS(network, s) * (any ? count : 1));
}

/** The `count` segments that hold most of what is driven. */
export function busiestSegments(drivenS: Float64Array, count: number): Set<number> {
  const order = Int32Array.from(drivenS.keys()).sort((a, b) => drivenS[b] - drivenS[a]);
  return new Set(order.subarray(0, count));
}

/**
 * Free-flow seconds ÷ predicted seconds of everything driven, so that it compares with {@link observedRatios}; NaN where
 * nothing driven has a prediction.
 */
export function meanRatio(ratios: Float32Array, drivenS: Float64Array): number {
  let free = 0;
  let predicted = 0;
  for (let s = 0; s < ratios.length; s++) {
    if (Number.isNaN(ratios[s])) continue;
    free += drivenS[s];
    predicted += drivenS[s] / ratios[s];
  }
  return free / predicted;
}

/**
 * Free-flow seconds ÷ driven seconds of the trips that depart in each step, all trips of a step taken together; null where
 * there is none. `stepS` divides the time from `fromS` (a local time) on into `steps`.
 */
export function observedRatios(
  network: RoadNetwork,
  trips: TripSet,
  { fromS, stepS, steps }: { fromS: number; stepS: number; steps: number },
): (number | null)[] {
  const free = new Float64Array(steps);
  const driven = new Float64Array(steps);
  for (let trip = 0; trip < trips.count; trip++) {
    const step = Math.floor((trips.localDepartS[trip] - fromS) / stepS);
    if (step < 0 || step >= steps) continue;
    driven[step] += trips.totalS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      free[step] += freeFlowS(network, trips.segments[k]);
  }
  return Array.from(driven, (seconds, step) => (seconds > 0 ? free[step] / seconds : null));
}
