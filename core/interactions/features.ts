import { EtalonError } from '../base/index.ts';

/** One feature of all nodes or edges of a type, row by row. What is not known is explicit in every kind: see {@link isMissing}. */
export type FeatureColumn = NumericColumn | CategoricalColumn | TextColumn | MultiColumn | CoordinateColumn;

export interface NumericColumn {
  readonly kind: 'numeric';
  /** [rows] NaN where missing. */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly kind: 'categorical';
  /** [rows] index into `categories`, −1 where missing. */
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export interface TextColumn {
  readonly kind: 'text';
  /** [rows] null where missing. */
  readonly values: readonly (string | null)[];
}

/** Several categories a row: genres, cuisines. A row without any counts as missing. */
export interface MultiColumn {
  readonly kind: 'multi';
  /** [rows + 1] */
  readonly offsets: Uint32Array;
  /** The codes of row i are `codes[offsets[i]]` … `codes[offsets[i + 1] − 1]`, indices into `categories`. */
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export interface CoordinateColumn {
  readonly kind: 'coordinates';
  /** [rows] degrees (WGS 84), NaN where missing. */
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
}

export type FeatureKind = FeatureColumn['kind'];
export type Features = Readonly<Record<string, FeatureColumn>>;

export function rowCountOf(column: FeatureColumn): number {
  switch (column.kind) {
    case 'numeric':
    case 'text':
      return column.values.length;
    case 'categorical':
      return column.codes.length;
    case 'multi':
      return column.offsets.length - 1;
    case 'coordinates':
      return column.longitude.length;
    default:
      return column satisfies never;
  }
}

export function isMissing(column: FeatureColumn, row: number): boolean {
  switch (column.kind) {
    case 'numeric':
      return Number.isNaN(column.values[row]);
    case 'categorical':
      return column.codes[row] < 0;
    case 'text':
      return column.values[row] === null;
    case 'multi':
      return column.offsets[row] === column.offsets[row + 1];
    case 'coordinates':
      return Number.isNaN(column.longitude[row]) || Number.isNaN(column.latitude[row]);
    default:
      return column satisfies never;
  }
}

/** A row's value for a person: categories by name, several of them joined by commas; empty where missing. */
export function featureText(column: FeatureColumn, row: number): string {
  if (isMissing(column, row)) return '';
  switch (column.kind) {
    case 'numeric':
      return String(column.values[row]);
    case 'categorical':
      return column.categories[column.codes[row]];
    case 'text':
      return column.values[row]!;
    case 'multi':
      return Array.from(codesOf(column, row), (code) => column.categories[code]).join(', ');
    case 'coordinates':
      return `${column.longitude[row]}, ${column.latitude[row]}`;
    default:
      return column satisfies never;
  }
}

/** The first of the features that are coordinates; null where none is. */
export function placeColumn(features: Features): CoordinateColumn | null {
  for (const column of Object.values(features)) if (column.kind === 'coordinates') return column;
  return null;
}

/** A view of one row's codes. */
export function codesOf({ offsets, codes }: MultiColumn, row: number): Int32Array {
  return codes.subarray(offsets[row], offsets[row + 1]);
}

/** The same column with the given rows alone, in their order. Categories keep their codes. */
export function takeFeature(column: FeatureColumn, rows: Int32Array): FeatureColumn {
  switch (column.kind) {
    case 'numeric':
      return { kind: 'numeric', values: take(column.values, rows) };
    case 'categorical':
      return { ...column, codes: take(column.codes, rows) };
    case 'text':
      return { kind: 'text', values: Array.from(rows, (row) => column.values[row]) };
    case 'multi':
      return takeMulti(column, rows);
    case 'coordinates':
      return {
        kind: 'coordinates',
        longitude: take(column.longitude, rows),
        latitude: take(column.latitude, rows),
      };
    default:
      return column satisfies never;
  }
}

export function takeFeatures(features: Features, rows: Int32Array): Features {
  return Object.fromEntries(
    Object.entries(features).map(([name, column]) => [name, takeFeature(column, rows)]),
  );
}

/** The values at the given rows, in their order. */
export function take<A extends Float64Array | Float32Array | Int32Array>(values: A, rows: Int32Array): A {
  const taken = new (values.constructor as new (length: number) => A)(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]];
  return taken;
}

/** Throws `internal` for columns of another length than the rows they describe, and for codes without a category. */
export function checkFeatures(owner: string, features: Features, rows: number): void {
  for (const [name, column] of Object.entries(features)) {
    if (rowCountOf(column) !== rows || ('latitude' in column && column.latitude.length !== rows))
      throw new EtalonError(
        'internal',
        `internal: feature ${name} of ${owner} has ${rowCountOf(column)} rows, not ${rows}`,
      );
    if (!('codes' in column)) continue;
    const least = column.kind === 'multi' ? 0 : -1;
    if (column.codes.some((code) => code < least || code >= column.categories.length))
      throw new EtalonError(
        'internal',
        `internal: feature ${name} of ${owner} has a code without a category`,
      );
  }
}

function takeMulti(column: MultiColumn, rows: Int32Array): MultiColumn {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) offsets[i + 1] = offsets[i] + codesOf(column, rows[i]).length;
  const codes = new Int32Array(offsets[rows.length]);
  for (let i = 0; i < rows.length; i++) codes.set(codesOf(column, rows[i]), offsets[i]);
  return { ...column, offsets, codes };
}
