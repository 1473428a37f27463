import type { GpsMapping } from '../stores/gpsImport.ts';
import type { TripMapping } from '../stores/tripImport.ts';
import type { MalformedChoice } from './malformed.ts';

export interface ImportField<Key extends string = string> {
  key: Key;
  label: string;
  /** What a value is. */
  kind: string;
  optional: boolean;
}

export const TRIP_FIELDS: readonly ImportField<Exclude<keyof TripMapping, 'year'>>[] = [
  { key: 'departure', label: 'Departure', kind: 'date and time', optional: true },
  { key: 'dayOfYear', label: 'Day of year', kind: '1–366, with a year', optional: true },
  { key: 'minuteOfDay', label: 'Minute of day', kind: '0–1439', optional: true },
  {
    key: 'totalSeconds',
    label: 'Travel time',
    kind: 'seconds; else the sum of the segment times',
    optional: true,
  },
  { key: 'segments', label: 'Segments', kind: 'references in order', optional: false },
  { key: 'segmentSeconds', label: 'Segment times', kind: 'seconds, same order', optional: true },
  { key: 'id', label: 'Trip id', kind: 'text', optional: true },
];

export const GPS_FIELDS: readonly ImportField<keyof GpsMapping>[] = [
  { key: 'trace', label: 'Trace', kind: 'vehicle or trip', optional: true },
  { key: 'time', label: 'Time', kind: 'date and time', optional: false },
  { key: 'latitude', label: 'Latitude', kind: 'degrees', optional: false },
  { key: 'longitude', label: 'Longitude', kind: 'degrees', optional: false },
];

/** Columns by field, and what else an import is told. */
type AnyMapping = Readonly<Record<string, string | number | null | undefined>>;

/** What the steps need of any kind of file: its fields, and the user's choices so far. */
export interface ImportForm extends MalformedChoice {
  fields: readonly ImportField[];
  mapping: AnyMapping;
  timeZone: string;
  setMapping(change: Record<string, string | number | null | undefined>): void;
  setTimeZone(zone: string): void;
}

/** What every preview of a file has. */
export interface RowsPreview {
  columns: { name: string; samples: string[] }[];
  rows: string[][];
  missing: string[];
  problems: { row: number; line: number; column: string | null; message: string; malformed: boolean }[];
}

export const fieldOf = ({ fields, mapping }: ImportForm, column: string): ImportField | undefined =>
  fields.find((field) => mapping[field.key] === column);

/** What the last step shows of the choices. */
export function factsOf({ fields, mapping }: ImportForm): (readonly [string, string])[] {
  const used = fields.flatMap(({ key, label }) =>
    mapping[key] ? [[label, String(mapping[key])] as const] : [],
  );
  return mapping.dayOfYear ? [...used, ['Year', String(mapping.year)]] : used;
}
