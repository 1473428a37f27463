import type { ApiObservationMapping, ObservationPreview } from '../../api/types.ts';

export type ColumnKey = 'segment' | 'way' | 'direction' | 'time' | 'speed' | 'seconds' | 'count';

/** Columns of a row for each segment and interval; a matrix has the time alone. */
export const COLUMN_FIELDS: readonly { key: ColumnKey; label: string; kind: string }[] = [
  { key: 'segment', label: 'Segment', kind: 'reference' },
  { key: 'way', label: 'OSM way', kind: 'or its way’s id' },
  { key: 'direction', label: 'Direction', kind: 'forward, backward' },
  { key: 'time', label: 'Time', kind: 'start of the interval' },
  { key: 'speed', label: 'Speed', kind: 'mean' },
  { key: 'seconds', label: 'Seconds', kind: 'or travel time' },
  { key: 'count', label: 'Vehicles', kind: 'a weight' },
];

const OTHER_LABELS: Record<string, string> = {
  positions: 'Sensor positions',
  start: 'First row at',
  stepS: 'Interval',
};

export const labelOf = (field: string): string =>
  COLUMN_FIELDS.find(({ key }) => key === field)?.label ?? OTHER_LABELS[field] ?? field;

export function columnLabel(preview: ObservationPreview, column: string): string | undefined {
  const field = COLUMN_FIELDS.find(({ key }) => preview.suggested[key] === column);
  if (field) return field.label;
  const matrix = preview.suggested.layout === 'detectors' && preview.sensors;
  return matrix && !matrix.unknownColumns.includes(column) ? 'Sensor' : undefined;
}

export const UNITS: readonly ApiObservationMapping['unit'][] = ['km/h', 'mph', 'm/s'];

const REASONS: Record<ObservationPreview['unitFrom'], string> = {
  name: 'Read off the column’s name',
  limits: 'Guessed by the speed limits of the roads',
  values: 'Guessed by the size of the values',
  given: 'As you say',
};

export const unitReason = (preview: ObservationPreview): string => REASONS[preview.unitFrom];

/** Traffic that flows drives at about the limit: its fast end far from it is in another unit. */
export function unitDoubt(fastKmh: number, limitKmh: number | null): string | null {
  if (limitKmh === null || !Number.isFinite(fastKmh)) return null;
  const ratio = fastKmh / limitKmh;
  if (ratio > 1.45)
    return `The fast end of the traffic drives ${fastKmh.toFixed(0)} km/h where the limit is ${limitKmh.toFixed(0)} km/h: the speeds may be in a smaller unit.`;
  if (ratio < 0.5)
    return `The fast end of the traffic drives ${fastKmh.toFixed(0)} km/h where the limit is ${limitKmh.toFixed(0)} km/h: the speeds may be in a larger unit.`;
  return null;
}
