import type { Shape } from '../../../tensor/program.ts';

/** The run-time values of symbolic sizes, those of the program and those a plan derives (their names begin with `#`). */
export type Sizes = ReadonlyMap<string, number>;

/** A number of elements, as a product of a number and of symbolic sizes. */
export interface Extent {
  readonly factor: number;
  readonly symbols: readonly string[];
}

export const ONE: Extent = { factor: 1, symbols: [] };

export function extentOf(shape: Shape): Extent {
  const factor = shape.reduce<number>(
    (product, dim) => (typeof dim === 'number' ? product * dim : product),
    1,
  );
  return { factor, symbols: shape.filter((dim) => typeof dim === 'string').sort() };
}

export function times(a: Extent, b: Extent | number): Extent {
  if (typeof b === 'number') return { factor: a.factor * b, symbols: a.symbols };
  return { factor: a.factor * b.factor, symbols: [...a.symbols, ...b.symbols].sort() };
}

export function evaluate(extent: Extent, sizes: Sizes): number {
  return extent.symbols.reduce((product, symbol) => product * sizes.get(symbol)!, extent.factor);
}

export function isStatic(extent: Extent): boolean {
  return extent.symbols.length === 0;
}

export function extentKey(extent: Extent): string {
  return [extent.factor, ...extent.symbols].join('*');
}
