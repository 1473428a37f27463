import { freeFlowS, tripLengthsM } from './baselines/freeFlow.ts';
import { ROAD_CLASSES, type RoadNetwork } from './network.ts';
import { hourOfDay } from './profiles/timeCells.ts';
import { localDay, type TripSet, weekday } from './trips.ts';

/** [N] what trips are grouped by. */
export interface TripTraits {
  readonly localDepartS: Float64Array;
  readonly lengthM: Float32Array;
  readonly freeFlowS: Float32Array;
  /** Index of the class that most of the length is of. */
  readonly roadClass: Uint8Array;
}

export function tripTraits(network: RoadNetwork, trips: TripSet): TripTraits {
  const freeS = new Float32Array(trips.count);
  const roadClass = new Uint8Array(trips.count);
  for (let trip = 0; trip < trips.count; trip++) {
    const metres = new Float64Array(ROAD_CLASSES.length);
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
      const segment = trips.segments[k];
      freeS[trip] += freeFlowS(network, segment);
      metres[network.roadClass[segment]] += network.lengthM[segment];
    }
    roadClass[trip] = metres.indexOf(Math.max(...metres));
  }
  return {
    localDepartS: trips.localDepartS,
    lengthM: tripLengthsM(network, trips),
    freeFlowS: freeS,
    roadClass,
  };
}

export type SliceKind = 'hour' | 'weekday' | 'length' | 'class' | 'congestion';

export interface TripSlice {
  by: SliceKind;
  label: string;
  /** Of its trips, ascending. */
  positions: number[];
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const LENGTH_BOUNDS_KM = [0, 1, 2, 4, 8, 16];
/** Bounds of observed ÷ free-flow time. */
const CONGESTION_BOUNDS = [0, 1.25, 1.5, 2, 3];

/**
 * Trips by hour and weekday of departure, length, dominant road class, and congestion: how much longer they took than at
 * free flow. Groups without a trip are left out.
 * @param observedS [N]
 */
export function sliceTrips(traits: TripTraits, observedS: ArrayLike<number>): TripSlice[] {
  const { localDepartS, lengthM, freeFlowS, roadClass } = traits;
  const count = localDepartS.length;
  const groups = (by: SliceKind, labels: readonly string[], groupOf: (trip: number) => number) => {
    const positions: number[][] = labels.map(() => []);
    for (let trip = 0; trip < count; trip++) positions[groupOf(trip)].push(trip);
    return labels
      .map((label, group): TripSlice => ({ by, label, positions: positions[group] }))
      .filter((slice) => slice.positions.length > 0);
  };
  return [
    ...groups(
      'hour',
      Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`),
      (trip) => hourOfDay(localDepartS[trip]),
    ),
    ...groups('weekday', WEEKDAYS, (trip) => weekday(localDepartS[trip])),
    ...groups('length', rangeLabels(LENGTH_BOUNDS_KM, ' km'), (trip) =>
      LENGTH_BOUNDS_KM.findLastIndex((km) => km * 1000 <= lengthM[trip]),
    ),
    ...groups(
      'class',
      ROAD_CLASSES.map((name) => name.replace('_', ' ')),
      (trip) => roadClass[trip],
    ),
    ...groups('congestion', rangeLabels(CONGESTION_BOUNDS, ' × free flow'), (trip) =>
      CONGESTION_BOUNDS.findLastIndex((bound) => bound * freeFlowS[trip] <= observedS[trip]),
    ),
  ];
}

/** "under 1 km", "1–2 km", "over 16 km"; the first bound is 0. */
function rangeLabels(bounds: readonly number[], unit: string): string[] {
  return bounds.map((from, i) => {
    const to = bounds[i + 1];
    if (to === undefined) return `over ${from}${unit}`;
    return i === 0 ? `under ${to}${unit}` : `${from}–${to}${unit}`;
  });
}

/** From this many days on, whole days are resampled. */
const LEAST_DAYS = 5;

/**
 * [N] the block of each trip for resampling: its local day, or its hour where there are fewer than five days, whose handful
 * of resamples would say little.
 */
export function resamplingBlocks(localDepartS: Float64Array): { blockOf: Int32Array; unit: 'day' | 'hour' } {
  const days = Int32Array.from(localDepartS, localDay);
  if (new Set(days).size >= LEAST_DAYS) return { blockOf: days, unit: 'day' };
  return { blockOf: Int32Array.from(localDepartS, (localS) => Math.floor(localS / 3600)), unit: 'hour' };
}
