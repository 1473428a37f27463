import { EtalonError } from '../base/index.ts';
import { DAY_S, localDay, selectTrips, type TripSet } from '../roads/trips.ts';
import { insertArrays, type PackedArray, packArray, packJson, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';

export interface PackedTrips {
  trips: number;
  traversals: number;
  firstDay: number | null;
  lastDay: number | null;
  segmentTimes: boolean;
  arrays: PackedArray[];
}

export function packTrips(given: TripSet): PackedTrips {
  const trips = inOrderOfDeparture(given);
  let [first, last] = [Infinity, -Infinity];
  for (const localS of trips.localDepartS) {
    first = Math.min(first, localS);
    last = Math.max(last, localS);
  }
  return {
    trips: trips.count,
    traversals: trips.segments.length,
    firstDay: trips.count ? localDay(first) : null,
    lastDay: trips.count ? localDay(last) : null,
    segmentTimes: trips.segmentS?.some((s) => !Number.isNaN(s)) ?? false,
    arrays: [
      packJson('ids', trips.ids),
      packArray('departS', trips.departS),
      packArray('localDepartS', trips.localDepartS),
      packArray('totalS', trips.totalS),
      packArray('offsets', trips.offsets),
      packArray('segments', trips.segments),
      ...(trips.segmentS ? [packArray('segmentS', trips.segmentS)] : []),
    ],
  };
}

/** Belongs in the transaction that inserts the source. */
export function insertTrips(db: Connection, sourceId: number, packed: PackedTrips): void {
  db.prepare(
    `INSERT INTO trip_set (source_id, trips, traversals, first_day, last_day, segment_times)
     VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(
    sourceId,
    packed.trips,
    packed.traversals,
    packed.firstDay,
    packed.lastDay,
    packed.segmentTimes ? 1 : 0,
  );
  insertArrays(db, { source: sourceId }, packed.arrays);
}

/** The trips of all given sources in order of departure. */
export function loadTrips(db: Connection, sourceIds: readonly number[]): TripSet {
  const sets = sourceIds.map((id) => loadSource(db, id));
  return sets.length === 1 ? sets[0] : inOrderOfDeparture(concatTrips(sets));
}

/** Of trips with local departures on or after `from` and before `until` (`YYYY-MM-DD`), those that there are. */
export function tripsBetween(trips: TripSet, range: { from?: string; until?: string }): TripSet {
  const fromS = range.from === undefined ? -Infinity : localMidnightS(range.from);
  const untilS = range.until === undefined ? Infinity : localMidnightS(range.until);
  const positions: number[] = [];
  trips.localDepartS.forEach((localS, trip) => {
    if (localS >= fromS && localS < untilS) positions.push(trip);
  });
  return positions.length === trips.count ? trips : selectTrips(trips, positions);
}

/** `YYYY-MM-DD` of a local day since 1970-01-01. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
}

function localMidnightS(date: string): number {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new EtalonError('usage', `"${date}" is not a date.`, { remedy: 'Give dates as YYYY-MM-DD.' });
  return milliseconds / 1000;
}

function loadSource(db: Connection, sourceId: number): TripSet {
  const arrays = new StoredArrays(db, { source: sourceId });
  const departS = arrays.get('departS', 'f64');
  return {
    count: departS.length,
    ids: arrays.json('ids') as string[],
    departS,
    localDepartS: arrays.get('localDepartS', 'f64'),
    totalS: arrays.get('totalS', 'f32'),
    offsets: arrays.get('offsets', 'u32'),
    segments: arrays.get('segments', 'i32'),
    ...(arrays.has('segmentS') && { segmentS: arrays.get('segmentS', 'f32') }),
  };
}

function concatTrips(sets: readonly TripSet[]): TripSet {
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

function inOrderOfDeparture(trips: TripSet): TripSet {
  const { count, departS } = trips;
  const order = Uint32Array.from({ length: count }, (_, trip) => trip);
  if (order.every((trip) => trip === 0 || departS[trip - 1] <= departS[trip])) return trips;
  // Equal departures keep the source's order.
  order.sort((a, b) => departS[a] - departS[b] || a - b);
  return selectTrips(trips, order);
}
