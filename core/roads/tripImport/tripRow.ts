import type { RoadNetwork } from '../network.ts';
import type { RowFault } from '../tables/rowTally.ts';
import type { TableRecord } from '../tables/table.ts';
import { DepartureReader, type Moment } from './departure.ts';
import { parseList } from './list.ts';
import type { TripMapping } from './mapping.ts';

/** Why a row gives no trip, for a person, and what may be done about it when most rows share the fate. */
export const DROP_REASONS = {
  'malformed-row': {
    description: 'Rows that cannot be read, or have another number of fields than the header',
    remedy: 'Mend the line; check the separator and the quotes of the file.',
  },
  'unreadable-departure': {
    description: 'Departure is not a date and time',
    remedy:
      'Check the column of the departure, and its format: ISO 8601, Unix time, or day of year and minute of day.',
  },
  'travel-time': {
    description: 'Travel time is not a number of seconds over 0 and under 24 hours',
    remedy: 'Check the column of the travel time, and that it is in seconds.',
  },
  'empty-path': {
    description: 'No segments given',
    remedy: 'Check the column of the segments.',
  },
  'unreadable-path': {
    description: 'List of segments cannot be read',
    remedy: 'Separate the segments by blanks, or give a JSON list.',
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

/** Turns the rows of one file into trips on one network. */
export class TripRowReader {
  readonly #columns: readonly string[];
  readonly #mapping: TripMapping;
  readonly #at: Record<
    'id' | 'departure' | 'dayOfYear' | 'minuteOfDay' | 'totalSeconds' | 'segments' | 'segmentSeconds',
    number
  >;
  readonly #departures: DepartureReader;
  readonly #network: RoadNetwork;
  readonly #segmentOf: Map<string, number>;

  constructor(columns: readonly string[], mapping: TripMapping, timeZone: string, network: RoadNetwork) {
    const at = (column: string | null) => (column === null ? -1 : columns.indexOf(column));
    this.#columns = columns;
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

  read(record: TableRecord): TripRow | RowProblem {
    const { fields } = record;
    if (record.broken) return { reason: 'malformed-row', column: null, detail: record.broken };
    if (fields.length !== this.#columns.length)
      return {
        reason: 'malformed-row',
        column: null,
        detail: `${fields.length} fields instead of ${this.#columns.length}`,
      };
    const moment = this.#readDeparture(fields);
    if ('reason' in moment) return moment;
    const totalS = this.#readTotal(fields);
    if (typeof totalS !== 'number') return totalS;
    const segments = this.#readSegments(fields);
    if ('reason' in segments) return segments;
    const forbiddenTurns = this.#countForbiddenTurns(segments);
    if (typeof forbiddenTurns !== 'number') return forbiddenTurns;
    const lengthM = segments.reduce((sum, segment) => sum + this.#network.lengthM[segment], 0);
    const kmh = (lengthM / totalS) * 3.6;
    if (kmh > MAX_KMH || kmh < MIN_KMH)
      return {
        reason: 'speed',
        column: this.#mapping.totalSeconds,
        detail: `${Math.round(lengthM)} m in ${totalS} s are ${kmh.toPrecision(3)} km/h`,
      };
    const { segmentS, problem } = this.#readSegmentSeconds(fields, segments.length, totalS);
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

  #readDeparture(fields: readonly string[]): Moment | RowProblem {
    const { departure, year } = this.#mapping;
    if (departure !== null) {
      const text = fields[this.#at.departure];
      return (
        this.#departures.read(text) ?? {
          reason: 'unreadable-departure',
          column: departure,
          detail: quoted(text),
        }
      );
    }
    const day = fields[this.#at.dayOfYear];
    const minute = fields[this.#at.minuteOfDay];
    return (
      this.#departures.readDayOfYear(year!, numberOf(day), numberOf(minute)) ?? {
        reason: 'unreadable-departure',
        column: this.#mapping.dayOfYear,
        detail: `day ${quoted(day)}, minute ${quoted(minute)} of ${year}`,
      }
    );
  }

  #readTotal(fields: readonly string[]): number | RowProblem {
    const text = fields[this.#at.totalSeconds];
    const totalS = numberOf(text);
    if (totalS > 0 && totalS < DAY_S) return totalS;
    return { reason: 'travel-time', column: this.#mapping.totalSeconds, detail: quoted(text) };
  }

  #readSegments(fields: readonly string[]): number[] | RowProblem {
    const column = this.#mapping.segments;
    const text = fields[this.#at.segments];
    const refs = parseList(text);
    if (refs === null) return { reason: 'unreadable-path', column, detail: quoted(text) };
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

  #readSegmentSeconds(
    fields: readonly string[],
    count: number,
    totalS: number,
  ): { segmentS: number[] | null; problem: string | null } {
    const text = this.#at.segmentSeconds < 0 ? '' : fields[this.#at.segmentSeconds];
    const items = parseList(text);
    if (items?.length === 0) return { segmentS: null, problem: null };
    if (items?.length !== count)
      return { segmentS: null, problem: `${items?.length ?? 'unreadable'} seconds for ${count} segments` };
    const segmentS = items.map(numberOf);
    const wrong = items.find((item, i) => !(segmentS[i] >= 0) && !/^(nan|null|none|)$/i.test(item));
    if (wrong !== undefined) return { segmentS: null, problem: `${quoted(wrong)} is no number of seconds` };
    const sumS = segmentS.reduce((sum, s) => sum + s, 0);
    if (Math.abs(sumS - totalS) > Math.max(SUM_TOLERANCE_S, SUM_TOLERANCE_SHARE * totalS))
      return { segmentS: null, problem: `they add up to ${Number(sumS.toFixed(1))} s, not ${totalS} s` };
    return { segmentS, problem: null };
  }
}

/** NaN for what is no number, the empty field included. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
