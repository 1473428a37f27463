import { EtalonError } from '../base/index.ts';

/** Bin 0 holds what is no number; 254 bins are left for values. */
const MAX_BINS = 255;

/**
 * Columns cut into at most 255 bins of about equally many rows, so that a split is searched among 254 thresholds however many
 * rows there are (Ke et al. 2017, §2.1). Values with few distinct ones get a bin each.
 */
export class Binning {
  /** Of each column the largest value of each bin but the last, ascending. */
  readonly #bounds: readonly Float64Array[];

  constructor(columns: readonly ArrayLike<number>[]) {
    this.#bounds = columns.map(boundsOf);
  }

  /** Bins of each column, the one for what is no number included. */
  get counts(): number[] {
    return this.#bounds.map((bounds) => bounds.length + 2);
  }

  /** Throws `internal` for another number of columns. */
  assertWidth(columns: number): void {
    if (columns !== this.#bounds.length)
      throw new EtalonError(
        'internal',
        `internal: ${columns} columns where the trees know ${this.#bounds.length}`,
      );
  }

  /** The largest value of a bin and those below it; NaN for bin 0, which holds no value. */
  upTo(column: number, bin: number): number {
    return bin === 0 ? Number.NaN : (this.#bounds[column][bin - 1] ?? Number.POSITIVE_INFINITY);
  }

  /** [columns][N] Throws `internal` for another number of columns. */
  apply(columns: readonly ArrayLike<number>[]): Uint8Array[] {
    this.assertWidth(columns.length);
    return columns.map((column, c) => {
      const bounds = this.#bounds[c];
      return Uint8Array.from(column, (value) => (Number.isNaN(value) ? 0 : 1 + lowerBound(bounds, value)));
    });
  }
}

function boundsOf(column: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(column)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  // A bound lies midway, so that a value unseen in training falls to its nearer neighbour.
  if (distinct.length < MAX_BINS)
    return Float64Array.from({ length: Math.max(0, distinct.length - 1) }, (_, i) =>
      middle(distinct[i], distinct[i + 1]),
    );
  const bounds: number[] = [];
  for (let bin = 1; bin < MAX_BINS - 1; bin++) {
    const at = Math.floor((bin * sorted.length) / (MAX_BINS - 1));
    const above = sorted[at];
    const below = distinct[Math.max(0, lowerBound(distinct, above) - 1)];
    const bound = middle(below, above);
    if (above > below && bound !== bounds.at(-1)) bounds.push(bound);
  }
  return Float64Array.from(bounds);
}

function middle(a: number, b: number): number {
  return a + (b - a) / 2;
}

/** How many of the ascending values lie below x. */
function lowerBound(ascending: Float64Array, x: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
