import type { TableRecord } from '../tables/table.ts';
import { DepartureReader } from '../tripImport/departure.ts';
import type { GpsMapping } from './mapping.ts';

/** Why a record gives no point, for a person, and what may be done about it when most share the fate. */
export const POINT_DROPS = {
  malformed: {
    description: 'Points that cannot be read: not of the format, or another number of fields than the header',
    remedy: 'Check that the file is whole, and its separator and quotes.',
  },
  'unreadable-time': {
    description: 'Points whose time is missing or is no date and time',
    remedy: 'Check the column of the time, and its format: ISO 8601, wall clock, or Unix time.',
  },
  position: {
    description: 'Points whose position is missing, outside of ±90 and ±180 degrees, or 0, 0 (no fix)',
    remedy: 'Check the columns of latitude and longitude, and that they are in degrees (WGS 84).',
  },
} as const;

export type PointDrop = keyof typeof POINT_DROPS;

export interface PointProblem {
  reason: PointDrop;
  /** The column at fault, where it is one. */
  column: string | null;
  detail: string;
}

export interface GpsPoint {
  trace: string;
  timeS: number;
  lon: number;
  lat: number;
}

/** Turns the records of one file into points. */
export class PointReader {
  readonly #mapping: GpsMapping;
  readonly #columns: number;
  readonly #trace: number;
  readonly #time: number;
  readonly #latitude: number;
  readonly #longitude: number;
  readonly #clock: DepartureReader;

  /** Times without an offset are on the wall clock of `timeZone`. Throws `usage` for a zone that does not exist. */
  constructor(columns: readonly string[], mapping: GpsMapping, timeZone: string) {
    this.#mapping = mapping;
    this.#columns = columns.length;
    this.#trace = mapping.trace === null ? -1 : columns.indexOf(mapping.trace);
    this.#time = columns.indexOf(mapping.time);
    this.#latitude = columns.indexOf(mapping.latitude);
    this.#longitude = columns.indexOf(mapping.longitude);
    this.#clock = new DepartureReader(timeZone);
  }

  read({ fields, broken }: TableRecord): GpsPoint | PointProblem {
    if (broken) return { reason: 'malformed', column: null, detail: broken };
    if (fields.length !== this.#columns)
      return {
        reason: 'malformed',
        column: null,
        detail: `${fields.length} fields instead of ${this.#columns}`,
      };
    const moment = this.#clock.read(fields[this.#time]);
    if (!moment)
      return { reason: 'unreadable-time', column: this.#mapping.time, detail: quoted(fields[this.#time]) };
    const [lat, lon] = [degrees(fields[this.#latitude]), degrees(fields[this.#longitude])];
    if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180) || (lat === 0 && lon === 0))
      return {
        reason: 'position',
        column: Math.abs(lat) <= 90 ? this.#mapping.longitude : this.#mapping.latitude,
        detail: `latitude ${quoted(fields[this.#latitude])}, longitude ${quoted(fields[this.#longitude])}`,
      };
    return { trace: this.#trace < 0 ? '' : fields[this.#trace].trim(), timeS: moment.departS, lon, lat };
  }
}

function degrees(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
