import { freeFlowS, type ObservationSet, type RoadNetwork, type TripSet } from '../roads/index.ts';

/**
 * Ends of the classes that each map layer is drawn in. Descending: class k holds what is at least break k; ascending: what is
 * below break k. The last class holds the rest.
 */
export const LAYER_BREAKS = {
  /** Speed ÷ free-flow speed, fastest first. */
  ratio: [0.9, 0.75, 0.6, 0.45, 0.3],
  /** Predicted − observed travel time, % of the observed; predicted too slow first. */
  error: [8, 4, 1, -1, -4, -8],
  /** Width of the 80 % interval ÷ median. */
  uncertainty: [0.2, 0.35, 0.5, 0.75],
  /** Traversals. */
  observations: [3, 10, 30, 100],
  /** Supersegments that hold a segment. */
  coverage: [2, 5, 20, 100],
} as const;

/** Class of a value among breaks; −1 for NaN. */
export function classOf(value: number, breaks: readonly number[]): number {
  if (Number.isNaN(value)) return -1;
  const descending = breaks[0] > breaks[breaks.length - 1];
  const found = breaks.findIndex((end) => (descending ? value >= end : value < end));
  return found < 0 ? breaks.length : found;
}

/** [breaks + 1] kilometres of each class; segments without a value are in none. */
export function classKm(
  network: RoadNetwork,
  values: Float32Array,
  breaks: readonly number[] = LAYER_BREAKS.ratio,
): number[] {
  // A break is compared as it is stored, in single precision.
  const ends = Array.from(Float32Array.from(breaks));
  const km = new Array<number>(breaks.length + 1).fill(0);
  for (let s = 0; s < network.segmentCount; s++) {
    const found = classOf(values[s], ends);
    if (found >= 0) km[found] += network.lengthM[s] / 1000;
  }
  return km;
}

/** [S] free-flow seconds of all traversals of each segment; of one traversal each where there are none at all. */
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
 * Free-flow seconds ÷ driven seconds of the trips that depart in each step and of the observations that begin in it, all of a step
 * taken together; null where there is none. `stepS` divides the time from `fromS` (a local time) on into `steps`.
 */
export function observedRatios(
  network: RoadNetwork,
  trips: TripSet,
  observations: ObservationSet,
  { fromS, stepS, steps }: { fromS: number; stepS: number; steps: number },
): (number | null)[] {
  const free = new Float64Array(steps);
  const driven = new Float64Array(steps);
  const stepOf = (localS: number) => Math.floor((localS - fromS) / stepS);
  for (let trip = 0; trip < trips.count; trip++) {
    const step = stepOf(trips.localDepartS[trip]);
    if (step < 0 || step >= steps) continue;
    driven[step] += trips.totalS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      free[step] += freeFlowS(network, trips.segments[k]);
  }
  const { count, segment, localStartS, speedKmh } = observations;
  for (let i = 0; i < count; i++) {
    const step = stepOf(localStartS[i]);
    if (step < 0 || step >= steps) continue;
    driven[step] += (3.6 * network.lengthM[segment[i]]) / speedKmh[i];
    free[step] += freeFlowS(network, segment[i]);
  }
  return Array.from(driven, (seconds, step) => (seconds > 0 ? free[step] / seconds : null));
}
