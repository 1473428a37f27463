import {
  concatObservations,
  inOrderOfStart,
  ObservationColumns,
  type ObservationSet,
  observationAt,
  selectObservations,
} from '../roads/observations.ts';
import { DAY_S, localDay } from '../roads/trips.ts';
import { insertArrays, type PackedArray, packArray, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';
import { dateOfDay } from './trips.ts';
import type { ProjectInfo } from './types.ts';

/** Observations of a chunk at most, and those that wait for the rest of their chunk: 8 and 34 MB. */
const CHUNK_ROWS = 1 << 18;
const HELD_ROWS = 1 << 20;
/** A chunk never spans more, so that reading a period reads little besides, whatever the order of the file. */
const CHUNK_SPAN_S = 7 * DAY_S;
const HOUR_S = 3600;

/** Writes the observations of one source, chunk by chunk. Belongs in the transaction that inserts the source. */
export class ObservationWriter {
  readonly #db: Connection;
  readonly #sourceId: number;
  readonly #waiting = new Map<number, ObservationColumns>();
  readonly #bySegment: Uint32Array;
  readonly #byHour = new Map<number, { observations: number; speedSumKmh: number }>();
  #held = 0;
  #chunks = 0;
  #observations = 0;

  constructor(db: Connection, sourceId: number, segmentCount: number) {
    this.#db = db;
    this.#sourceId = sourceId;
    this.#bySegment = new Uint32Array(segmentCount);
  }

  add(set: ObservationSet): void {
    for (let i = 0; i < set.count; i++) {
      const observation = observationAt(set, i);
      this.#count(observation);
      const span = Math.floor(observation.localStartS / CHUNK_SPAN_S);
      let columns = this.#waiting.get(span);
      if (!columns) {
        columns = new ObservationColumns();
        this.#waiting.set(span, columns);
      }
      columns.push(observation);
      this.#held++;
      if (columns.count >= CHUNK_ROWS) this.#write(span, columns);
      else if (this.#held >= HELD_ROWS) this.#writeLargest();
    }
  }

  finish(): void {
    for (const [span, columns] of this.#waiting) this.#write(span, columns);
    const hours = [...this.#byHour.keys()];
    const [first, last] = [Math.min(...hours), Math.max(...hours)];
    this.#db
      .prepare(
        'INSERT INTO observation_set (source_id, observations, first_day, last_day) VALUES (?, ?, ?, ?)',
      )
      .run(this.#sourceId, this.#observations, localDay(first * HOUR_S), localDay(last * HOUR_S));
    const insertSegment = this.#db.prepare(
      'INSERT INTO observed_segment (source_id, segment, observations) VALUES (?, ?, ?)',
    );
    this.#bySegment.forEach((observations, segment) => {
      if (observations > 0) insertSegment.run(this.#sourceId, segment, observations);
    });
    const insertHour = this.#db.prepare(
      'INSERT INTO observed_hour (source_id, hour, observations, speed_sum_kmh) VALUES (?, ?, ?, ?)',
    );
    for (const [hour, { observations, speedSumKmh }] of this.#byHour)
      insertHour.run(this.#sourceId, hour, observations, speedSumKmh);
  }

  #count({
    segment,
    localStartS,
    speedKmh,
  }: {
    segment: number;
    localStartS: number;
    speedKmh: number;
  }): void {
    this.#observations++;
    this.#bySegment[segment]++;
    const hour = Math.floor(localStartS / HOUR_S);
    const sums = this.#byHour.get(hour);
    if (sums) {
      sums.observations++;
      sums.speedSumKmh += speedKmh;
    } else this.#byHour.set(hour, { observations: 1, speedSumKmh: speedKmh });
  }

  #writeLargest(): void {
    const [span, columns] = [...this.#waiting].reduce((a, b) => (b[1].count > a[1].count ? b : a));
    this.#write(span, columns);
  }

  #write(span: number, columns: ObservationColumns): void {
    this.#waiting.delete(span);
    this.#held -= columns.count;
    const set = inOrderOfStart(columns.take());
    let [first, last] = [Infinity, -Infinity];
    for (const localS of set.localStartS) {
      first = Math.min(first, localS);
      last = Math.max(last, localS);
    }
    const chunk = this.#chunks++;
    this.#db
      .prepare(
        `INSERT INTO observation_chunk (source_id, chunk, observations, first_local_s, last_local_s)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(this.#sourceId, chunk, set.count, first, last);
    insertArrays(this.#db, { source: this.#sourceId, chunk }, packObservations(set));
  }
}

/** Of the chunks that reach into a range of local seconds, the observations in it that `accept` takes. */
export function* observationChunks(
  db: Connection,
  { fromS, untilS }: { fromS: number; untilS: number },
  accept: (set: ObservationSet, i: number) => boolean = () => true,
): Generator<ObservationSet> {
  const chunks = db
    .prepare<[number, number], { source: number; chunk: number }>(
      `SELECT source_id AS source, chunk FROM observation_chunk
       WHERE last_local_s >= ? AND first_local_s < ? ORDER BY first_local_s, source_id, chunk`,
    )
    .all(fromS, untilS);
  for (const of of chunks) {
    const set = loadChunk(db, of);
    const positions: number[] = [];
    for (let i = 0; i < set.count; i++)
      if (set.localStartS[i] >= fromS && set.localStartS[i] < untilS && accept(set, i)) positions.push(i);
    yield positions.length === set.count ? set : selectObservations(set, positions);
  }
}

/** The same in one set, in order of start. */
export function loadObservations(...given: Parameters<typeof observationChunks>): ObservationSet {
  return inOrderOfStart(concatObservations([...observationChunks(...given)]));
}

/** Counts and local dates of all sources. */
export function observationFigures(
  db: Connection,
): Pick<ProjectInfo, 'observations' | 'observedSegments' | 'firstObservedDay' | 'lastObservedDay'> {
  const { observations, first, last } = db
    .prepare<[], { observations: number; first: number | null; last: number | null }>(
      `SELECT coalesce(sum(observations), 0) AS observations, min(first_day) AS first, max(last_day) AS last
       FROM observation_set`,
    )
    .get()!;
  const observedSegments = db
    .prepare<[], number>('SELECT count(DISTINCT segment) FROM observed_segment')
    .pluck()
    .get()!;
  return {
    observations,
    observedSegments,
    firstObservedDay: first === null ? null : dateOfDay(first),
    lastObservedDay: last === null ? null : dateOfDay(last),
  };
}

export interface ObservedHour {
  /** Local hours since 1970-01-01T00:00. */
  hour: number;
  observations: number;
  speedSumKmh: number;
}

/** What all sources observed in each local hour, in order, without a look at the observations themselves. */
export function observedHours(db: Connection): ObservedHour[] {
  return db
    .prepare<[], ObservedHour>(
      `SELECT hour, sum(observations) AS observations, sum(speed_sum_kmh) AS speedSumKmh
       FROM observed_hour GROUP BY hour ORDER BY hour`,
    )
    .all();
}

/** [S] how often all sources observed each segment. */
export function observationsBySegment(db: Connection, segmentCount: number): Uint32Array {
  const counts = new Uint32Array(segmentCount);
  const rows = db
    .prepare<[], { segment: number; observations: number }>(
      'SELECT segment, observations FROM observed_segment',
    )
    .all();
  for (const { segment, observations } of rows) counts[segment] += observations;
  return counts;
}

function packObservations(set: ObservationSet): PackedArray[] {
  return [
    packArray('segment', set.segment),
    packArray('startS', set.startS),
    packArray('localStartS', set.localStartS),
    packArray('durationS', set.durationS),
    packArray('speedKmh', set.speedKmh),
    packArray('vehicles', set.vehicles),
  ];
}

function loadChunk(db: Connection, of: { source: number; chunk: number }): ObservationSet {
  const arrays = new StoredArrays(db, of);
  const segment = arrays.get('segment', 'i32');
  return {
    count: segment.length,
    segment,
    startS: arrays.get('startS', 'f64'),
    localStartS: arrays.get('localStartS', 'f64'),
    durationS: arrays.get('durationS', 'f32'),
    speedKmh: arrays.get('speedKmh', 'f32'),
    vehicles: arrays.get('vehicles', 'f32'),
  };
}
