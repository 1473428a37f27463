import type { FeatureColumn } from '../features.ts';
import type { ColumnKind } from './plan.ts';
import { isMissingText, listOf } from './values.ts';

/** What became of a value: `other` where the row has a different one already, which stays. */
export type Added = 'added' | 'missing' | 'same' | 'other';

/** A text that its column cannot hold, in words: "the value is no number". */
export class UnreadableValue {
  readonly found: string;
  readonly remedy: string;

  constructor(found: string, remedy: string) {
    this.found = found;
    this.remedy = remedy;
  }
}

/** Collects one feature, in whatever order rows come. */
export interface FeatureBuilder {
  readonly kind: ColumnKind | 'coordinates';
  /** Reads a field without keeping it. */
  check(text: string): UnreadableValue | null;
  add(row: number, text: string): Added;
  /** Columns by name for so many rows; a vector gives several. */
  columns(name: string, rows: number): Record<string, FeatureColumn>;
}

export function featureBuilder(kind: ColumnKind, separator: string): FeatureBuilder {
  switch (kind) {
    case 'numeric':
      return new NumericBuilder();
    case 'categorical':
      return new CategoricalBuilder();
    case 'text':
      return new TextBuilder();
    case 'multi':
      return new MultiBuilder(separator);
    case 'vector':
      return new VectorBuilder();
    default:
      return kind satisfies never;
  }
}

/** Values of one kind by row; the first of a row stays. */
abstract class FirstValueBuilder<T> implements FeatureBuilder {
  abstract readonly kind: ColumnKind;
  protected readonly values: (T | undefined)[] = [];

  check(_text: string): UnreadableValue | null {
    return null;
  }

  add(row: number, text: string): Added {
    if (isMissingText(text)) return 'missing';
    const value = this.read(text.trim());
    const before = this.values[row];
    if (before !== undefined) return before === value ? 'same' : 'other';
    this.values[row] = value;
    return 'added';
  }

  abstract columns(name: string, rows: number): Record<string, FeatureColumn>;
  protected abstract read(text: string): T;
}

class NumericBuilder extends FirstValueBuilder<number> {
  readonly kind = 'numeric';

  override check(text: string): UnreadableValue | null {
    if (isMissingText(text) || !Number.isNaN(this.read(text.trim()))) return null;
    return new UnreadableValue(
      `"${text}" is no number`,
      'Mend the line, or keep the column in another way, such as categorical.',
    );
  }

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    const values = Float64Array.from({ length: rows }, (_, row) => this.values[row] ?? Number.NaN);
    return { [name]: { kind: 'numeric', values } };
  }

  protected read(text: string): number {
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true' ? 1 : 0;
    return Number.isFinite(Number(text)) ? Number(text) : Number.NaN;
  }
}

class TextBuilder extends FirstValueBuilder<string> {
  readonly kind = 'text';

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    return {
      [name]: { kind: 'text', values: Array.from({ length: rows }, (_, row) => this.values[row] ?? null) },
    };
  }

  protected read(text: string): string {
    return text;
  }
}

/** Codes in the order in which values are first seen. */
class Categories {
  readonly names: string[] = [];
  readonly #codes = new Map<string, number>();

  code(name: string): number {
    let code = this.#codes.get(name);
    if (code === undefined) {
      code = this.names.push(name) - 1;
      this.#codes.set(name, code);
    }
    return code;
  }
}

class CategoricalBuilder extends FirstValueBuilder<number> {
  readonly kind = 'categorical';
  readonly #categories = new Categories();

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    const codes = Int32Array.from({ length: rows }, (_, row) => this.values[row] ?? -1);
    return { [name]: { kind: 'categorical', codes, categories: this.#categories.names } };
  }

  protected read(text: string): number {
    return this.#categories.code(text);
  }
}

class MultiBuilder implements FeatureBuilder {
  readonly kind = 'multi';
  readonly #separator: string;
  readonly #categories = new Categories();
  readonly #codes: Set<number>[] = [];

  constructor(separator: string) {
    this.#separator = separator;
  }

  check(): null {
    return null;
  }

  add(row: number, text: string): Added {
    const values = listOf(text, this.#separator);
    if (values.length === 0) return 'missing';
    this.#codes[row] ??= new Set();
    for (const value of values) this.#codes[row].add(this.#categories.code(value));
    return 'added';
  }

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    const offsets = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + (this.#codes[row]?.size ?? 0);
    const codes = new Int32Array(offsets[rows]);
    this.#codes.forEach((own, row) => {
      codes.set([...own], offsets[row]);
    });
    return { [name]: { kind: 'multi', offsets, codes, categories: this.#categories.names } };
  }
}

/** Numbers with blanks between; the first row says how many. */
class VectorBuilder implements FeatureBuilder {
  readonly kind = 'vector';
  readonly #rows: number[][] = [];
  #width: number | undefined;

  check(text: string): UnreadableValue | null {
    if (isMissingText(text)) return null;
    const values = vectorOf(text);
    this.#width ??= values.length;
    if (values.every(Number.isFinite) && values.length === this.#width) return null;
    return new UnreadableValue(
      `"${text}" is no list of ${this.#width} numbers`,
      'Mend the line: every row needs as many numbers, with blanks between.',
    );
  }

  add(row: number, text: string): Added {
    if (isMissingText(text)) return 'missing';
    const values = vectorOf(text);
    const before = this.#rows[row];
    if (before) return before.every((value, i) => value === values[i]) ? 'same' : 'other';
    this.#rows[row] = values;
    return 'added';
  }

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    return Object.fromEntries(
      Array.from({ length: this.#width ?? 0 }, (_, i): [string, FeatureColumn] => [
        `${name} ${i + 1}`,
        {
          kind: 'numeric',
          values: Float64Array.from({ length: rows }, (_, row) => this.#rows[row]?.[i] ?? Number.NaN),
        },
      ]),
    );
  }
}

function vectorOf(text: string): number[] {
  return text.trim().split(/\s+/).map(Number);
}

/** Longitude and latitude with a blank between, in degrees. */
export class CoordinateBuilder implements FeatureBuilder {
  readonly kind = 'coordinates';
  readonly #places: (readonly [number, number] | undefined)[] = [];

  check(text: string): UnreadableValue | null {
    const place = placeOf(text);
    if (!place || (Math.abs(place[0]) <= 180 && Math.abs(place[1]) <= 90)) return null;
    return new UnreadableValue(
      `"${text}" is no longitude and latitude`,
      'Mend the line: degrees, longitude within ±180, latitude within ±90.',
    );
  }

  add(row: number, text: string): Added {
    const place = placeOf(text);
    if (!place) return 'missing';
    const before = this.#places[row];
    if (before) return before[0] === place[0] && before[1] === place[1] ? 'same' : 'other';
    this.#places[row] = place;
    return 'added';
  }

  columns(name: string, rows: number): Record<string, FeatureColumn> {
    const axis = (i: 0 | 1) =>
      Float64Array.from({ length: rows }, (_, row) => this.#places[row]?.[i] ?? Number.NaN);
    return { [name]: { kind: 'coordinates', longitude: axis(0), latitude: axis(1) } };
  }
}

function placeOf(text: string): [number, number] | null {
  const [longitude, latitude] = text.split(' ');
  return isMissingText(longitude) || isMissingText(latitude ?? '')
    ? null
    : [Number(longitude), Number(latitude)];
}
