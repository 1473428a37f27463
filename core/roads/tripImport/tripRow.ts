import { DepartureReader, type Moment, TIME_REMEDY } from '../../tables/departure.ts';
import { assertReadable, malformedField } from '../../tables/malformed.ts';
import type { RowFault } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import type { RoadNetwork } from '../network.ts';
import { parseList } from './list.ts';
import type { TripMapping } from './mapping.ts';

/** Why a row gives no trip, for a person, and what may be done about it when most rows share the fate. */
export const DROP_REASONS = {
  'travel-time': {
    description: 'Travel time is not over 0 and under 24 hours',
    remedy: 'Check the column of the travel time, and that it is in seconds.',
  },
  'empty-path': {
    description: 'No segments given',
    remedy: 'Check the column of the segments.',
  },
  'unknown-segment': {
    description: 'A segment is not in the road network',
    remedy: 'Check the column of the segments, and that the trips belong to the imported roads.',
  },
  disconnected: {
    description: 'A segment does not begin where the one before it ends',
    remedy: 'Give every segment that was driven, in driving order.',
  },
  speed: {
    description: 'Mean speed is over 200 km/h or under 1 km/h',
    remedy: 'Check that the travel time is in seconds, and that it is that of the whole path.',
  },
  duplicate: {
    description: 'The same trip (identifier, departure and path) is there already',
    remedy: 'Remove the source that it came from first.',
  },
} as const;

export type DropKey = keyof typeof DROP_REASONS;

export type RowProblem = RowFault<DropKey>;

export interface TripRow extends Moment {
  /** Empty where the file has no identifiers. */
  id: string;
  totalS: number;
  segments: number[];
  /** NaN where unknown; null where the file has none, or where they contradict the row. */
  segmentS: number[] | null;
  /** How the seconds per segment contradict the row. */
  segmentTimesProblem: string | null;
  /** Turns on the way that the network does not permit, although the segments meet. */
  forbiddenTurns: number;
  lengthM: number;
}

const DAY_S = 86_400;
const MAX_KMH = 200;
const MIN_KMH = 1;
/** How far the seconds per segment may add up to something else than the total: the larger of both. */
const SUM_TOLERANCE_S = 1;
const SUM_TOLERANCE_SHARE = 0.02;

/** A list of seconds, in a file, that says of a segment that its seconds are not known. */
const UNKNOWN_SECONDS = /^(nan|null|none|)$/i;

/** Turns the rows of one file into trips on one network. */
export class TripRowReader {
  readonly #table: Pick<Table, 'path' | 'place' | 'columns'>;
  readonly #mapping: TripMapping;
  readonly #at: Record<
    'id' | 'departure' | 'dayOfYear' | 'minuteOfDay' | 'totalSeconds' | 'segments' | 'segmentSeconds',
    number
  >;
  readonly #departures: DepartureReader;
  readonly #network: RoadNetwork;
  readonly #segmentOf: Map<string, number>;

  constructor(
    table: Pick<Table, 'path' | 'place' | 'columns'>,
    mapping: TripMapping,
    timeZone: string,
    network: RoadNetwork,
  ) {
    const at = (column: string | null) => (column === null ? -1 : table.columns.indexOf(column));
    this.#table = table;
    this.#mapping = mapping;
    this.#at = {
      id: at(mapping.id),
      departure: at(mapping.departure),
      dayOfYear: at(mapping.dayOfYear),
      minuteOfDay: at(mapping.minuteOfDay),
      totalSeconds: at(mapping.totalSeconds),
      segments: at(mapping.segments),
      segmentSeconds: at(mapping.segmentSeconds),
    };
    this.#departures = new DepartureReader(timeZone);
    this.#network = network;
    this.#segmentOf = new Map(network.refs.map((ref, segment) => [ref, segment]));
  }

  /** Throws `MalformedError` for a row that cannot be read. */
  read(record: TableRecord): TripRow | RowProblem {
    assertReadable(this.#table, record);
    const { fields } = record;
    const moment = this.#readDeparture(record);
    const refs = this.#readList(record, this.#at.segments, 'segments');
    const seconds = this.#at.segmentSeconds < 0 ? [] : this.#readSeconds(record);
    const isSum = this.#at.totalSeconds < 0;
    const totalS = isSum ? sumOf(seconds, refs.length) : this.#readTotal(record);
    const at = isSum ? this.#at.segmentSeconds : this.#at.totalSeconds;
    const column = this.#table.columns[at];
    if (!(totalS > 0 && totalS < DAY_S)) return { reason: 'travel-time', column, detail: quoted(fields[at]) };
    const segments = this.#segmentsOf(refs);
    if ('reason' in segments) return segments;
    const forbiddenTurns = this.#countForbiddenTurns(segments);
    if (typeof forbiddenTurns !== 'number') return forbiddenTurns;
    const lengthM = segments.reduce((sum, segment) => sum + this.#network.lengthM[segment], 0);
    const kmh = (lengthM / totalS) * 3.6;
    if (kmh > MAX_KMH || kmh < MIN_KMH)
      return {
        reason: 'speed',
        column,
        detail: `${Math.round(lengthM)} m in ${totalS} s are ${kmh.toPrecision(3)} km/h`,
      };
    const { segmentS, problem } = checkedSeconds(seconds, segments.length, totalS);
    return {
      ...moment,
      id: this.#at.id < 0 ? '' : fields[this.#at.id].trim(),
      totalS,
      segments,
      segmentS,
      segmentTimesProblem: problem,
      forbiddenTurns,
      lengthM,
    };
  }

  #readDeparture(record: TableRecord): Moment {
    const { fields } = record;
    const { departure, year } = this.#mapping;
    if (departure !== null) {
      const text = fields[this.#at.departure];
      const moment = this.#departures.read(text);
      if (moment) return moment;
      throw malformedField(
        this.#table,
        record,
        departure,
        `${quoted(text)} is no date and time`,
        TIME_REMEDY,
      );
    }
    const day = fields[this.#at.dayOfYear];
    const minute = fields[this.#at.minuteOfDay];
    const moment = this.#departures.readDayOfYear(year!, numberOf(day), numberOf(minute));
    if (moment) return moment;
    throw malformedField(
      this.#table,
      record,
      this.#mapping.dayOfYear,
      `day ${quoted(day)}, minute ${quoted(minute)} are no time of ${year}`,
      'Mend the line: days count from 1, minutes from 0 to 1439.',
    );
  }

  #readTotal(record: TableRecord): number {
    const text = record.fields[this.#at.totalSeconds];
    const totalS = numberOf(text);
    if (!Number.isNaN(totalS)) return totalS;
    throw malformedField(
      this.#table,
      record,
      this.#mapping.totalSeconds,
      `${quoted(text)} is no number of seconds`,
      'Mend the line, or check the column of the travel time.',
    );
  }

  #readList(record: TableRecord, at: number, what: 'segments' | 'segmentSeconds'): string[] {
    const items = parseList(record.fields[at]);
    if (items) return items;
    throw malformedField(
      this.#table,
      record,
      this.#mapping[what],
      `${quoted(record.fields[at])} is no list`,
      'Mend the line: separate the items by blanks, or give a JSON list.',
    );
  }

  /** NaN where the seconds of a segment are not known. */
  #readSeconds(record: TableRecord): number[] {
    return this.#readList(record, this.#at.segmentSeconds, 'segmentSeconds').map((item) => {
      const seconds = numberOf(item);
      if (!Number.isNaN(seconds) || UNKNOWN_SECONDS.test(item)) return seconds;
      throw malformedField(
        this.#table,
        record,
        this.#mapping.segmentSeconds,
        `${quoted(item)} is no number of seconds`,
        'Mend the line: leave out what is not known, or write nan.',
      );
    });
  }

  #segmentsOf(refs: readonly string[]): number[] | RowProblem {
    const column = this.#mapping.segments;
    if (refs.length === 0) return { reason: 'empty-path', column, detail: 'no segments' };
    const segments: number[] = [];
    for (const ref of refs) {
      const segment = this.#segmentOf.get(ref);
      if (segment === undefined)
        return { reason: 'unknown-segment', column, detail: `segment ${quoted(ref)}` };
      segments.push(segment);
    }
    return segments;
  }

  #countForbiddenTurns(segments: readonly number[]): number | RowProblem {
    const { toJunction, fromJunction, refs } = this.#network;
    let forbidden = 0;
    for (let i = 1; i < segments.length; i++) {
      const [from, to] = [segments[i - 1], segments[i]];
      if (toJunction[from] !== fromJunction[to])
        return {
          reason: 'disconnected',
          column: this.#mapping.segments,
          detail: `segment ${quoted(refs[to])} does not begin where ${quoted(refs[from])} ends`,
        };
      if (!this.#isTurn(from, to)) forbidden++;
    }
    return forbidden;
  }

  #isTurn(from: number, to: number): boolean {
    const { turnOffsets, turnTo } = this.#network;
    for (let turn = turnOffsets[from]; turn < turnOffsets[from + 1]; turn++)
      if (turnTo[turn] === to) return true;
    return false;
  }
}

/** The seconds of a trip's segments, unless they contradict the rest of it. */
function checkedSeconds(
  segmentS: number[],
  count: number,
  totalS: number,
): { segmentS: number[] | null; problem: string | null } {
  if (segmentS.length === 0) return { segmentS: null, problem: null };
  if (segmentS.length !== count)
    return { segmentS: null, problem: `${segmentS.length} seconds for ${count} segments` };
  const negative = segmentS.find((seconds) => seconds < 0);
  if (negative !== undefined) return { segmentS: null, problem: `${negative} s on a segment` };
  const sumS = segmentS.reduce((sum, s) => sum + s, 0);
  if (Math.abs(sumS - totalS) > Math.max(SUM_TOLERANCE_S, SUM_TOLERANCE_SHARE * totalS))
    return { segmentS: null, problem: `they add up to ${Number(sumS.toFixed(1))} s, not ${totalS} s` };
  return { segmentS, problem: null };
}

/** NaN where the seconds are not those of all segments. */
function sumOf(seconds: readonly number[], segments: number): number {
  return seconds.length === segments && seconds.every((s) => s >= 0)
    ? seconds.reduce((sum, s) => sum + s, 0)
    : Number.NaN;
}

/** NaN for what is no number, the empty field included. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
