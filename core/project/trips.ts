import { EtalonError } from '../base/index.ts';
import {
  concatTrips,
  DAY_S,
  inOrderOfDeparture,
  localDay,
  selectTrips,
  type TripSet,
} from '../roads/trips.ts';
import { insertArrays, type PackedArray, packArray, packJson, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';

/** Writes the trips of one source, chunk by chunk. Belongs in the transaction that inserts the source. */
export class TripWriter {
  readonly #db: Connection;
  readonly #sourceId: number;
  #chunks = 0;
  #trips = 0;
  #traversals = 0;
  #firstLocalS = Infinity;
  #lastLocalS = -Infinity;
  #segmentTimes = false;

  constructor(db: Connection, sourceId: number) {
    this.#db = db;
    this.#sourceId = sourceId;
  }

  add(given: TripSet): void {
    const trips = inOrderOfDeparture(given);
    const chunk = this.#chunks++;
    this.#db
      .prepare('INSERT INTO trip_chunk (source_id, chunk, trips) VALUES (?, ?, ?)')
      .run(this.#sourceId, chunk, trips.count);
    insertArrays(this.#db, { source: this.#sourceId, chunk }, packTrips(trips));
    this.#trips += trips.count;
    this.#traversals += trips.segments.length;
    for (const localS of trips.localDepartS) {
      this.#firstLocalS = Math.min(this.#firstLocalS, localS);
      this.#lastLocalS = Math.max(this.#lastLocalS, localS);
    }
    this.#segmentTimes ||= trips.segmentS?.some((s) => !Number.isNaN(s)) ?? false;
  }

  finish(): void {
    this.#db
      .prepare(
        `INSERT INTO trip_set (source_id, trips, traversals, first_day, last_day, segment_times)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#sourceId,
        this.#trips,
        this.#traversals,
        this.#trips > 0 ? localDay(this.#firstLocalS) : null,
        this.#trips > 0 ? localDay(this.#lastLocalS) : null,
        this.#segmentTimes ? 1 : 0,
      );
  }
}

function packTrips(trips: TripSet): PackedArray[] {
  return [
    packJson('ids', trips.ids),
    packArray('departS', trips.departS),
    packArray('localDepartS', trips.localDepartS),
    packArray('totalS', trips.totalS),
    packArray('offsets', trips.offsets),
    packArray('segments', trips.segments),
    ...(trips.segmentS ? [packArray('segmentS', trips.segmentS)] : []),
  ];
}

/** The trips of all given sources in order of departure. */
export function loadTrips(db: Connection, sourceIds: readonly number[]): TripSet {
  const sets = [...tripChunks(db, sourceIds)];
  return sets.length === 1 ? sets[0] : inOrderOfDeparture(concatTrips(sets));
}

/** The trips of all given sources, a chunk at a time; in order of departure within each. */
export function* tripChunks(db: Connection, sourceIds: readonly number[]): Generator<TripSet> {
  const chunksOf = db
    .prepare<[number], number>('SELECT chunk FROM trip_chunk WHERE source_id = ? ORDER BY chunk')
    .pluck();
  for (const source of sourceIds)
    for (const chunk of chunksOf.all(source)) yield loadChunk(db, { source, chunk });
}

/** Of trips with local departures on or after `from` and before `until` (`YYYY-MM-DD`), those that there are. */
export function tripsBetween(trips: TripSet, range: { from?: string; until?: string }): TripSet {
  const { fromS, untilS } = localRange(range);
  const positions: number[] = [];
  trips.localDepartS.forEach((localS, trip) => {
    if (localS >= fromS && localS < untilS) positions.push(trip);
  });
  return positions.length === trips.count ? trips : selectTrips(trips, positions);
}

/** A range of local dates in seconds since the local 1970-01-01T00:00; `untilS` is exclusive. Throws `usage`. */
export function localRange({ from, until }: { from?: string; until?: string }): {
  fromS: number;
  untilS: number;
} {
  return {
    fromS: from === undefined ? -Infinity : localMidnightS(from),
    untilS: until === undefined ? Infinity : localMidnightS(until),
  };
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

function loadChunk(db: Connection, of: { source: number; chunk: number }): TripSet {
  const arrays = new StoredArrays(db, of);
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
