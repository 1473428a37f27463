import { DepartureReader, type Moment, TIME_REMEDY } from '../../tables/departure.ts';
import { assertReadable, type MalformedError, malformedField } from '../../tables/malformed.ts';
import type { DropText, RowFault } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import type { RoadNetwork } from '../network.ts';
import type { Observation } from '../observations.ts';
import { quoted } from '../tripImport/tripRow.ts';
import type { ObservationMapping } from './mapping.ts';
import { MAX_KMH, NUMBER_REMEDY, positiveOrMissing } from './speeds.ts';
import { SPEED_UNITS } from './units.ts';
import { WayNames } from './wayNames.ts';

/** Why a row gives no observation, for a person, and what may be done about it when most rows share the fate. */
export const OBSERVATION_DROPS = {
  'unknown-segment': {
    description: 'A segment is not in the road network',
    remedy: 'Check the column of the segment, and that the observations belong to the imported roads.',
  },
  'unknown-way': {
    description: 'No segment belongs to the OSM way',
    remedy:
      'Check the column of the way, and that the roads come from OpenStreetMap data of about the same date.',
  },
  'unknown-direction': {
    description: 'The way has no segment in that direction, or the roads do not tell directions apart',
    remedy:
      'Give the direction as forward or backward. Roads that were imported before this was kept must be imported again; of OSMnx tables they need the column reversed.',
  },
  speed: {
    description: `Speed is over ${MAX_KMH} km/h`,
    remedy: 'Check the unit of the speed (km/h, mph, m/s), or that the seconds are those of the segment.',
  },
  missing: {
    description: 'Nothing was observed: the value is empty, zero or negative',
    remedy: 'Check the column of the speed or the seconds.',
  },
} as const satisfies Record<string, DropText>;

export type ObservationDrop = keyof typeof OBSERVATION_DROPS;
export type ObservationProblem = RowFault<ObservationDrop>;

export interface ObservationRow {
  /** More than one for a way of several segments. */
  observations: Observation[];
  doubt: Moment['doubt'];
}

/** Turns the rows of one file (layout `segments`) into observations on one network. */
export class ObservationRowReader {
  readonly #table: Pick<Table, 'path' | 'place' | 'columns'>;
  readonly #mapping: ObservationMapping;
  readonly #at: Record<'segment' | 'way' | 'direction' | 'time' | 'speed' | 'seconds' | 'count', number>;
  readonly #times: DepartureReader;
  readonly #network: RoadNetwork;
  readonly #segmentOf: Map<string, number>;
  readonly #ways: WayNames | null;

  constructor(
    table: Pick<Table, 'path' | 'place' | 'columns'>,
    mapping: ObservationMapping,
    timeZone: string,
    network: RoadNetwork,
  ) {
    const at = (column: string | null) => (column === null ? -1 : table.columns.indexOf(column));
    this.#table = table;
    this.#mapping = mapping;
    this.#at = {
      segment: at(mapping.segment),
      way: at(mapping.way),
      direction: at(mapping.direction),
      time: at(mapping.time),
      speed: at(mapping.speed),
      seconds: at(mapping.seconds),
      count: at(mapping.count),
    };
    this.#times = new DepartureReader(timeZone);
    this.#network = network;
    this.#segmentOf = new Map(network.refs.map((ref, segment) => [ref, segment]));
    this.#ways = mapping.way === null ? null : new WayNames(network);
  }

  /** Throws `MalformedError` for a row that cannot be read. */
  read(record: TableRecord): ObservationRow | ObservationProblem {
    assertReadable(this.#table, record);
    const { fields } = record;
    const moment = this.#readTime(record);
    const speed = this.#number(record, this.#mapping.speed ?? this.#mapping.seconds, this.#speedAt);
    const count = this.#at.count < 0 ? null : this.#number(record, this.#mapping.count, this.#at.count);
    const segments = this.#readSegments(record);
    if ('reason' in segments) return segments;
    const speedKmh = this.#speedKmh(speed, fields, segments);
    if (typeof speedKmh !== 'number') return speedKmh;
    const observations = segments.map((segment) => ({
      segment,
      startS: moment.departS,
      localStartS: moment.localDepartS,
      durationS: this.#mapping.stepS,
      speedKmh,
      vehicles: count ?? Number.NaN,
    }));
    return { observations, doubt: moment.doubt };
  }

  /** Speed limit of the row's segments, NaN where it has none. */
  limitKmh(record: TableRecord): number {
    const segments = this.#readSegments(record);
    return 'reason' in segments ? Number.NaN : this.#network.speedLimitKmh[segments[0]];
  }

  get #speedAt(): number {
    return this.#at.speed >= 0 ? this.#at.speed : this.#at.seconds;
  }

  #readTime(record: TableRecord): Moment {
    const text = record.fields[this.#at.time];
    const moment = this.#times.read(text);
    if (moment) return moment;
    const found = `${quoted(text)} is no date and time`;
    throw malformedField(this.#table, record, this.#mapping.time, found, TIME_REMEDY);
  }

  /** Null where nothing was observed. */
  #number(record: TableRecord, column: string | null, at: number): number | null {
    const value = positiveOrMissing(record.fields[at]);
    if (!Number.isNaN(value)) return value;
    const found = `${quoted(record.fields[at])} is no number`;
    throw malformedField(this.#table, record, column, found, NUMBER_REMEDY);
  }

  #readSegments(record: TableRecord): readonly number[] | ObservationProblem {
    const { fields } = record;
    const { segment: segmentAt, way: wayAt, direction: directionAt } = this.#at;
    if (!this.#ways) {
      const segment = this.#segmentOf.get(fields[segmentAt].trim());
      if (segment !== undefined) return [segment];
      return {
        reason: 'unknown-segment',
        column: this.#mapping.segment,
        detail: `segment ${quoted(fields[segmentAt])}`,
      };
    }
    const direction = directionAt < 0 ? '' : fields[directionAt];
    const found = this.#ways.find(fields[wayAt], direction);
    if (typeof found !== 'string') return found;
    if (found === 'no-way' || found === 'no-direction') throw this.#malformedWay(record, found);
    const column = found === 'unknown-way' ? this.#mapping.way : this.#mapping.direction;
    return {
      reason: found,
      column,
      detail: `way ${quoted(fields[wayAt])}${direction === '' ? '' : `, ${quoted(direction)}`}`,
    };
  }

  #malformedWay(record: TableRecord, found: 'no-way' | 'no-direction'): MalformedError {
    const { way, direction } = this.#at;
    return found === 'no-way'
      ? malformedField(
          this.#table,
          record,
          this.#mapping.way,
          `${quoted(record.fields[way])} is no OSM way`,
          'Mend the line, or check the column of the way: its id is a whole number.',
        )
      : malformedField(
          this.#table,
          record,
          this.#mapping.direction,
          `${quoted(record.fields[direction])} is no direction`,
          'Mend the line, or check the column of the direction: forward, backward, or empty for both.',
        );
  }

  #speedKmh(
    value: number | null,
    fields: readonly string[],
    segments: readonly number[],
  ): number | ObservationProblem {
    const { speed, seconds, unit } = this.#mapping;
    const column = speed ?? seconds;
    if (value === null) return { reason: 'missing', column, detail: quoted(fields[this.#speedAt]) };
    const lengthM = segments.reduce((sum, segment) => sum + this.#network.lengthM[segment], 0);
    const speedKmh = speed === null ? (lengthM / value) * 3.6 : value * SPEED_UNITS[unit];
    if (speedKmh <= MAX_KMH) return speedKmh;
    const what = speed === null ? `${Math.round(lengthM)} m in ${value} s` : `${value} ${unit}`;
    return { reason: 'speed', column, detail: `${what} are ${speedKmh.toPrecision(3)} km/h` };
  }
}
