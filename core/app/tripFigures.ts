import {
  DAY_S,
  localDay,
  type RoadNetwork,
  secondOfDay,
  type TripSet,
  tripLengthsM,
} from '../roads/index.ts';

export interface TripSummary {
  byDay: { day: string; trips: number }[];
  /** [24] */
  byHour: number[];
  medianS: number;
  medianKm: number;
}

/** Trips by local day (days without any between the first and last included) and by hour of the day. */
export function summarizeTrips(network: RoadNetwork, trips: TripSet): TripSummary {
  const days = new Map<number, number>();
  const byHour = new Array<number>(24).fill(0);
  for (const localS of trips.localDepartS) {
    const day = localDay(localS);
    days.set(day, (days.get(day) ?? 0) + 1);
    byHour[Math.floor(secondOfDay(localS) / 3600)]++;
  }
  const byDay: TripSummary['byDay'] = [];
  if (trips.count > 0) {
    const [first, last] = [Math.min(...days.keys()), Math.max(...days.keys())];
    for (let day = first; day <= last; day++) byDay.push({ day: dateOf(day), trips: days.get(day) ?? 0 });
  }
  return {
    byDay,
    byHour,
    medianS: median(trips.totalS),
    medianKm: median(tripLengthsM(network, trips)) / 1000,
  };
}

/** [S] how often each segment was driven. */
export function traversalCounts(network: RoadNetwork, trips: TripSet): Uint32Array {
  const counts = new Uint32Array(network.segmentCount);
  for (const segment of trips.segments) counts[segment]++;
  return counts;
}

/** 0 for none. */
export function median(values: Float32Array | Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `YYYY-MM-DD` of a local day since 1970-01-01. */
export function dateOf(day: number): string {
  return new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
}
