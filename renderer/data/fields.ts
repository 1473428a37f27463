import type { TripMapping } from '../stores/tripImport.ts';

export interface TripField {
  key: Exclude<keyof TripMapping, 'year'>;
  label: string;
  /** What a value is. */
  kind: string;
  optional: boolean;
}

export const FIELDS: readonly TripField[] = [
  { key: 'departure', label: 'Departure', kind: 'date and time', optional: true },
  { key: 'dayOfYear', label: 'Day of year', kind: '1–366, with a year', optional: true },
  { key: 'minuteOfDay', label: 'Minute of day', kind: '0–1439', optional: true },
  { key: 'totalSeconds', label: 'Travel time', kind: 'seconds', optional: false },
  { key: 'segments', label: 'Segments', kind: 'references in order', optional: false },
  { key: 'segmentSeconds', label: 'Segment times', kind: 'seconds, same order', optional: true },
  { key: 'id', label: 'Trip id', kind: 'text', optional: true },
];

export const fieldOf = (mapping: TripMapping, column: string): TripField | undefined =>
  FIELDS.find((field) => mapping[field.key] === column);
