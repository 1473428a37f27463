/** Trips as columns. `N` is their count, `M` the number of traversals (segments driven) of all of them. */
export interface TripSet {
  readonly count: number;
  /** [N] the source's identifier, or its row number. */
  readonly ids: readonly string[];
  /** [N] departure, seconds since 1970-01-01T00:00Z. */
  readonly departS: Float64Array;
  /** [N] departure on the wall clock of the project's time zone, as seconds since a local 1970-01-01T00:00. */
  readonly localDepartS: Float64Array;
  /** [N] travel time of the whole trip in seconds. */
  readonly totalS: Float32Array;
  /** [N + 1] first traversal of each trip. */
  readonly offsets: Uint32Array;
  /** [M] segment indices in driving order. */
  readonly segments: Int32Array;
  /** [M] seconds spent on each traversal, NaN where unknown; absent when none is known. */
  readonly segmentS?: Float32Array;
}

export const DAY_S = 86_400;

/** Whole days since the local 1970-01-01. */
export function localDay(localS: number): number {
  return Math.floor(localS / DAY_S);
}

/** Seconds since local midnight. */
export function secondOfDay(localS: number): number {
  return localS - localDay(localS) * DAY_S;
}

/** 0 = Monday … 6 = Sunday. */
export function weekday(localS: number): number {
  return (((localDay(localS) + 3) % 7) + 7) % 7;
}

/** 0 … 167, hour 0 being Monday 00:00–01:00. */
export function hourOfWeek(localS: number): number {
  return weekday(localS) * 24 + Math.floor(secondOfDay(localS) / 3600);
}

/** Whether the seconds of at least half of all traversals are known. */
export function hasSegmentTimes(trips: TripSet): boolean {
  if (!trips.segmentS) return false;
  let known = 0;
  for (const seconds of trips.segmentS) if (seconds >= 0) known++;
  return known > 0 && 2 * known >= trips.segmentS.length;
}

/** The trips at the given positions, in that order. */
export function selectTrips(trips: TripSet, positions: ArrayLike<number>): TripSet {
  const count = positions.length;
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const trip = positions[i];
    offsets[i + 1] = offsets[i] + trips.offsets[trip + 1] - trips.offsets[trip];
  }
  const segments = new Int32Array(offsets[count]);
  const segmentS = trips.segmentS && new Float32Array(offsets[count]);
  const ids: string[] = [];
  const departS = new Float64Array(count);
  const localDepartS = new Float64Array(count);
  const totalS = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const trip = positions[i];
    const begin = trips.offsets[trip];
    const end = trips.offsets[trip + 1];
    segments.set(trips.segments.subarray(begin, end), offsets[i]);
    if (segmentS) segmentS.set(trips.segmentS!.subarray(begin, end), offsets[i]);
    ids.push(trips.ids[trip]);
    departS[i] = trips.departS[trip];
    localDepartS[i] = trips.localDepartS[trip];
    totalS[i] = trips.totalS[trip];
  }
  return { count, ids, departS, localDepartS, totalS, offsets, segments, ...(segmentS && { segmentS }) };
}

/** The trips of all given sets, one set after the other. */
export function concatTrips(sets: readonly TripSet[]): TripSet {
  const count = sets.reduce((sum, set) => sum + set.count, 0);
  const traversals = sets.reduce((sum, set) => sum + set.segments.length, 0);
  const departS = new Float64Array(count);
  const localDepartS = new Float64Array(count);
  const totalS = new Float32Array(count);
  const offsets = new Uint32Array(count + 1);
  const segments = new Int32Array(traversals);
  const segmentS = sets.some((set) => set.segmentS)
    ? new Float32Array(traversals).fill(Number.NaN)
    : undefined;
  let trip = 0;
  let traversal = 0;
  for (const set of sets) {
    departS.set(set.departS, trip);
    localDepartS.set(set.localDepartS, trip);
    totalS.set(set.totalS, trip);
    for (let i = 0; i < set.count; i++) offsets[trip + i + 1] = traversal + set.offsets[i + 1];
    segments.set(set.segments, traversal);
    if (set.segmentS) segmentS?.set(set.segmentS, traversal);
    trip += set.count;
    traversal += set.segments.length;
  }
  const ids = sets.flatMap((set) => set.ids);
  return { count, ids, departS, localDepartS, totalS, offsets, segments, ...(segmentS && { segmentS }) };
}

/** The same trips sorted by departure; equal departures keep their order. */
export function inOrderOfDeparture(trips: TripSet): TripSet {
  const { count, departS } = trips;
  const order = Uint32Array.from({ length: count }, (_, trip) => trip);
  if (order.every((trip) => trip === 0 || departS[trip - 1] <= departS[trip])) return trips;
  // Equal departures keep the source's order.
  order.sort((a, b) => departS[a] - departS[b] || a - b);
  return selectTrips(trips, order);
}
