import { codesOf, type FeatureColumn, type Features, isMissing } from './features.ts';

/** Of a column's categories only the most frequent have a place of their own; the others share none. */
const MOST_CATEGORIES = 64;

/** How features become numbers: fitted once, then the same for nodes that come later. It is plain JSON. */
export interface FeatureEncoding {
  readonly columns: readonly ColumnEncoding[];
}

type ColumnEncoding = { readonly name: string } & (
  | ({ readonly kind: 'numeric' } & Scale)
  | { readonly kind: 'categories'; readonly categories: readonly string[] }
  | { readonly kind: 'coordinates'; readonly longitude: Scale; readonly latitude: Scale }
);

interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** Rows of numbers, row-major. */
export interface FeatureMatrix {
  readonly names: readonly string[];
  /** [rows · names] */
  readonly values: Float32Array;
}

/** The columns of several matrices of as many rows, one beside the other. */
export function beside(parts: readonly FeatureMatrix[], rows: number): FeatureMatrix {
  const names = parts.flatMap((part) => part.names);
  const values = new Float32Array(rows * names.length);
  let at = 0;
  for (const part of parts) {
    const width = part.names.length;
    for (let row = 0; row < rows; row++)
      values.set(part.values.subarray(row * width, (row + 1) * width), row * names.length + at);
    at += width;
  }
  return { names, values };
}

/**
 * Texts are left out: what is made of them depends on the task.
 * @param mostCategories of a column that have a place of their own, the most frequent ones.
 */
export function fitFeatures(
  features: Features,
  { mostCategories = MOST_CATEGORIES }: { mostCategories?: number } = {},
): FeatureEncoding {
  return {
    columns: Object.entries(features).flatMap(([name, column]) => {
      const encoding = fitColumn(column, mostCategories);
      return encoding ? [{ name, ...encoding }] : [];
    }),
  };
}

type Fitted = ColumnEncoding extends infer E ? (E extends unknown ? Omit<E, 'name'> : never) : never;

function fitColumn(column: FeatureColumn, mostCategories: number): Fitted | null {
  switch (column.kind) {
    case 'numeric': {
      const scale = scaleOf(column.values);
      return scale.deviation > 0 ? { kind: 'numeric', ...scale } : null;
    }
    case 'categorical':
    case 'multi': {
      const counts = new Uint32Array(column.categories.length);
      for (const code of column.codes) if (code >= 0) counts[code]++;
      const frequent = [...counts.keys()]
        .filter((code) => counts[code] > 1)
        .sort((a, b) => counts[b] - counts[a] || a - b)
        .slice(0, mostCategories);
      if (frequent.length === 0) return null;
      return { kind: 'categories', categories: frequent.map((code) => column.categories[code]) };
    }
    case 'coordinates': {
      const [longitude, latitude] = [scaleOf(column.longitude), scaleOf(column.latitude)];
      const varies = longitude.deviation > 0 && latitude.deviation > 0;
      return varies ? { kind: 'coordinates', longitude, latitude } : null;
    }
    case 'text':
      return null;
    default:
      return column satisfies never;
  }
}

/** Of the values that are known; the deviation is NaN where none is. */
function scaleOf(values: Float64Array): Scale {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/**
 * Numbers and degrees as deviations from their mean in standard deviations; a 1 for each category of a row, divided by the root of
 * how many it has, so that long lists are no louder than short ones. What is missing is 0 everywhere.
 */
export function featureMatrix({ columns }: FeatureEncoding, features: Features, rows: number): FeatureMatrix {
  const parts = columns.map((column) => ({ column, names: columnNames(column) }));
  const names = parts.flatMap(({ names }) => names);
  const values = new Float32Array(rows * names.length);
  let at = 0;
  for (const { column, names: own } of parts) {
    const feature = features[column.name];
    const write = feature && columnWriter(column, feature);
    if (write)
      for (let row = 0; row < rows; row++)
        if (!isMissing(feature, row)) write(row, values, row * names.length + at);
    at += own.length;
  }
  return { names, values };
}

function columnNames(column: ColumnEncoding): string[] {
  if (column.kind === 'numeric') return [column.name];
  if (column.kind === 'coordinates') return [`${column.name} longitude`, `${column.name} latitude`];
  return column.categories.map((category) => `${column.name} ${category}`);
}

type Write = (row: number, values: Float32Array, at: number) => void;

/** Null for a column whose kind has changed since. */
function columnWriter(encoding: ColumnEncoding, column: FeatureColumn): Write | null {
  if (encoding.kind === 'numeric' && column.kind === 'numeric')
    return (row, values, at) => {
      values[at] = (column.values[row] - encoding.mean) / encoding.deviation;
    };
  if (encoding.kind === 'coordinates' && column.kind === 'coordinates')
    return (row, values, at) => {
      values[at] = (column.longitude[row] - encoding.longitude.mean) / encoding.longitude.deviation;
      values[at + 1] = (column.latitude[row] - encoding.latitude.mean) / encoding.latitude.deviation;
    };
  if (encoding.kind !== 'categories' || (column.kind !== 'categorical' && column.kind !== 'multi'))
    return null;
  const places = new Map(encoding.categories.map((category, place) => [category, place]));
  const placeOf = column.categories.map((category) => places.get(category));
  return (row, values, at) => {
    const codes = column.kind === 'multi' ? codesOf(column, row) : column.codes.subarray(row, row + 1);
    for (const code of codes) {
      const place = placeOf[code];
      if (place !== undefined) values[at + place] = 1 / Math.sqrt(codes.length);
    }
  };
}
