import { DepartureReader, TIME_REMEDY } from '../../tables/departure.ts';
import { assertReadable, malformedField } from '../../tables/malformed.ts';
import type { RowFault } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import { quoted } from '../tripImport/tripRow.ts';
import type { GpsMapping } from './mapping.ts';

/** Why a record gives no point, for a person, and what may be done about it when most share the fate. */
export const POINT_DROPS = {
  'no-time': {
    description: 'Points without a time',
    remedy: 'Check the column of the time, and that the file was recorded, not planned.',
  },
  'no-position': {
    description: 'Points without a position, or at 0, 0 (no fix)',
    remedy: 'Check the columns of latitude and longitude.',
  },
} as const;

export type PointDrop = keyof typeof POINT_DROPS;

export type PointProblem = RowFault<PointDrop>;

export interface GpsPoint {
  trace: string;
  timeS: number;
  lon: number;
  lat: number;
}

/** Turns the records of one file into points. */
export class PointReader {
  readonly #table: Pick<Table, 'path' | 'place' | 'columns'>;
  readonly #mapping: GpsMapping;
  readonly #trace: number;
  readonly #time: number;
  readonly #latitude: number;
  readonly #longitude: number;
  readonly #clock: DepartureReader;

  /** Times without an offset are on the wall clock of `timeZone`. Throws `usage` for a zone that does not exist. */
  constructor(table: Pick<Table, 'path' | 'place' | 'columns'>, mapping: GpsMapping, timeZone: string) {
    const { columns } = table;
    this.#table = table;
    this.#mapping = mapping;
    this.#trace = mapping.trace === null ? -1 : columns.indexOf(mapping.trace);
    this.#time = columns.indexOf(mapping.time);
    this.#latitude = columns.indexOf(mapping.latitude);
    this.#longitude = columns.indexOf(mapping.longitude);
    this.#clock = new DepartureReader(timeZone);
  }

  /** Throws `MalformedError` for a record that cannot be read. */
  read(record: TableRecord): GpsPoint | PointProblem {
    assertReadable(this.#table, record);
    const { fields } = record;
    const timeS = this.#readTime(record);
    const lat = this.#degrees(record, this.#latitude, 90);
    const lon = this.#degrees(record, this.#longitude, 180);
    if (timeS === null) return { reason: 'no-time', column: this.#mapping.time, detail: 'the time is empty' };
    if (lat === null || lon === null || (lat === 0 && lon === 0))
      return {
        reason: 'no-position',
        column: lat === null ? this.#mapping.latitude : this.#mapping.longitude,
        detail: `latitude ${quoted(fields[this.#latitude])}, longitude ${quoted(fields[this.#longitude])}`,
      };
    return { trace: this.#trace < 0 ? '' : fields[this.#trace].trim(), timeS, lon, lat };
  }

  #readTime(record: TableRecord): number | null {
    const text = record.fields[this.#time];
    if (text.trim() === '') return null;
    const moment = this.#clock.read(text);
    if (moment) return moment.departS;
    const found = `${quoted(text)} is no date and time`;
    throw malformedField(this.#table, record, this.#mapping.time, found, TIME_REMEDY);
  }

  #degrees(record: TableRecord, at: number, most: number): number | null {
    const text = record.fields[at];
    if (text.trim() === '') return null;
    const value = Number(text);
    if (Math.abs(value) <= most) return value;
    throw malformedField(
      this.#table,
      record,
      this.#table.columns[at],
      `${quoted(text)} is no number of degrees up to ${most}`,
      'Mend the line, or check the columns of latitude and longitude: they hold degrees (WGS 84).',
    );
  }
}
