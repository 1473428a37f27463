import { EtalonError } from '../base/index.ts';

/** Segments of up to this many rows are summed at once, each degree in a bucket of its own. */
export const EXACT_DEGREES = 8;
/**
 * Up to this degree a bucket is a sum of whole gathers, above it a sum over an axis: measured in ORT, 836 pairs
 * of rows of 64 take 45 µs in the first way and 170 µs in the second.
 */
export const ADDED_DEGREES = 4;
/** Rows of a hub's short chunks. */
export const SHORT_CHUNK = 8;
/** Rows of a hub's long chunks, at least. */
const LONG_CHUNK = 64;
/** Hubs of up to this many chunks are summed in a bucket of this width, the others in a wider one. */
export const NARROW_HUB = 16;

/**
 * How the rows of a segment sum are grouped so that gathers and sums of rectangles compute it: always the same
 * way for the same index, without two threads ever adding to one place. Largest values are found by the same plan,
 * with a row that is below all others where a sum fills up with zeros.
 *
 * A segment of degree 1 … 8 is an entry in the table of its degree, which holds row numbers. A hub's rows are cut
 * into chunks: long ones (about the square root of the largest degree), short ones of 8, and single rows. The sums
 * of the chunks, in this order, are followed by a row of zeros, and hubs are entries of tables that hold chunk
 * numbers, filled up with that row.
 */
export interface SegmentPlan {
  /**
   * Lists of indices after one another. For each degree d = 1 … 4: the first row of each segment, …, its d-th row.
   * For each degree 5 … 8: a table [segments, degree]. Then single rows, short chunks [chunks, 8], and narrow
   * hubs [hubs, 16].
   */
  lists: Int32Array;
  /** Length of each of them. */
  listSizes: BigInt64Array;
  /** [long chunks, rows of each] */
  longChunks: IndexTable;
  /** [wide hubs, chunks of each] */
  wideHubs: IndexTable;
  /** [segments] where each segment's sum stands: degrees 1 … 8, narrow hubs, wide hubs, a row of zeros. */
  position: Int32Array;
}

/** A table [entries, width] that is filled entry by entry; `values` is row-major, or column-major if so wanted. */
export class IndexTable {
  readonly entries: number;
  readonly width: number;
  readonly values: Int32Array;
  readonly #entryStride: number;
  readonly #indexStride: number;
  #used = 0;

  constructor(entries: number, width: number, { filler = 0, columnMajor = false } = {}) {
    this.entries = entries;
    this.width = width;
    this.values = new Int32Array(entries * width).fill(filler);
    this.#entryStride = columnMajor ? 1 : width;
    this.#indexStride = columnMajor ? entries : 1;
  }

  /** Writes the next entry and returns its number. */
  push(source: Int32Array, start: number, count: number): number {
    const entry = this.#used++;
    for (let k = 0; k < count; k++)
      this.values[entry * this.#entryStride + k * this.#indexStride] = source[start + k];
    return entry;
  }

  /** Each column of a column-major table. */
  columns(): Int32Array[] {
    return Array.from({ length: this.width }, (_, k) =>
      this.values.subarray(k * this.entries, (k + 1) * this.entries),
    );
  }
}

/**
 * Plans the sum of rows with equal `index` into `segments` rows, by counting sort in O(rows + segments). With
 * `through`, row i stands for row through[i] of a table, so that rows need not be gathered before they are added.
 * Throws `internal` for an index that is no segment.
 */
export function planSegments(index: Int32Array, segments: number, through?: Int32Array): SegmentPlan {
  const grouped = groupRows(index, segments);
  if (through) grouped.rows.set(grouped.rows.map((row) => through[row]));
  const counts = countBuckets(grouped);
  const exact = Array.from({ length: EXACT_DEGREES }, (_, i) => {
    const degree = i + 1;
    return new IndexTable(counts.exact[degree], degree, { columnMajor: degree <= ADDED_DEGREES });
  });
  const hubs = new HubTables(counts);

  const firstOfDegree = exact.map((_, i) => exact.slice(0, i).reduce((sum, table) => sum + table.entries, 0));
  const firstHub = exact.reduce((sum, table) => sum + table.entries, 0);
  const position = new Int32Array(segments);
  for (let segment = 0; segment < segments; segment++) {
    const start = grouped.starts[segment];
    const degree = grouped.starts[segment + 1] - start;
    if (degree === 0) position[segment] = firstHub + counts.narrowHubs + counts.wideHubs;
    else if (degree <= EXACT_DEGREES)
      position[segment] = firstOfDegree[degree - 1] + exact[degree - 1].push(grouped.rows, start, degree);
    else position[segment] = firstHub + hubs.push(grouped.rows, start, degree);
  }

  const lists = [
    ...exact.slice(0, ADDED_DEGREES).flatMap((table) => table.columns()),
    ...[...exact.slice(ADDED_DEGREES), hubs.singles, hubs.shorts, hubs.narrow].map(({ values }) => values),
  ];
  return {
    lists: concatenate(lists),
    listSizes: BigInt64Array.from(lists, (list) => BigInt(list.length)),
    longChunks: hubs.longs,
    wideHubs: hubs.wide,
    position,
  };
}

interface GroupedRows {
  /** Segment s has rows[starts[s]] … rows[starts[s + 1] − 1]. */
  starts: Int32Array;
  /** Rows ordered by segment, those of a segment in their own order. */
  rows: Int32Array;
}

function groupRows(index: Int32Array, segments: number): GroupedRows {
  const starts = new Int32Array(segments + 1);
  for (const segment of index) {
    if (segment < 0 || segment >= segments)
      throw new EtalonError('internal', `internal: index ${segment} into ${segments} rows`);
    starts[segment + 1]++;
  }
  for (let segment = 0; segment < segments; segment++) starts[segment + 1] += starts[segment];
  const next = starts.slice();
  const rows = new Int32Array(index.length);
  for (let row = 0; row < index.length; row++) rows[next[index[row]]++] = row;
  return { starts, rows };
}

interface BucketCounts {
  /** Segments of each degree up to {@link EXACT_DEGREES}. */
  exact: Int32Array;
  longWidth: number;
  longs: number;
  shorts: number;
  singles: number;
  narrowHubs: number;
  wideHubs: number;
  /** Most chunks of one hub. */
  widest: number;
}

function countBuckets({ starts }: GroupedRows): BucketCounts {
  const segments = starts.length - 1;
  const degreeOf = (segment: number) => starts[segment + 1] - starts[segment];
  let maxDegree = 0;
  for (let segment = 0; segment < segments; segment++) maxDegree = Math.max(maxDegree, degreeOf(segment));
  // A hub is never put together of much more than the square root of the largest degree.
  const longWidth = Math.max(LONG_CHUNK, SHORT_CHUNK * Math.ceil(Math.sqrt(maxDegree) / SHORT_CHUNK));

  const exact = new Int32Array(EXACT_DEGREES + 1);
  const hubs = { longs: 0, shorts: 0, singles: 0, narrowHubs: 0, wideHubs: 0, widest: 0 };
  for (let segment = 0; segment < segments; segment++) {
    const degree = degreeOf(segment);
    if (degree <= EXACT_DEGREES) {
      exact[degree]++;
      continue;
    }
    const { longs, shorts, singles } = cutHub(degree, longWidth);
    hubs.longs += longs;
    hubs.shorts += shorts;
    hubs.singles += singles;
    const chunks = longs + shorts + singles;
    if (chunks <= NARROW_HUB) hubs.narrowHubs++;
    else hubs.wideHubs++;
    hubs.widest = Math.max(hubs.widest, chunks);
  }
  return { exact, longWidth, ...hubs };
}

function cutHub(degree: number, longWidth: number): { longs: number; shorts: number; singles: number } {
  const rest = degree % longWidth;
  return {
    longs: Math.floor(degree / longWidth),
    shorts: Math.floor(rest / SHORT_CHUNK),
    singles: rest % SHORT_CHUNK,
  };
}

/** The chunks of hubs and the hubs made of them. */
class HubTables {
  readonly longs: IndexTable;
  readonly shorts: IndexTable;
  readonly singles: IndexTable;
  readonly narrow: IndexTable;
  readonly wide: IndexTable;
  readonly #chunks: Int32Array;

  constructor(counts: BucketCounts) {
    this.longs = new IndexTable(counts.longs, counts.longWidth);
    this.shorts = new IndexTable(counts.shorts, SHORT_CHUNK);
    this.singles = new IndexTable(counts.singles, 1);
    const filler = counts.longs + counts.shorts + counts.singles;
    this.narrow = new IndexTable(counts.narrowHubs, NARROW_HUB, { filler });
    this.wide = new IndexTable(counts.wideHubs, counts.widest, { filler });
    this.#chunks = new Int32Array(counts.widest);
  }

  /** Takes a hub's rows and returns its place among the hubs. */
  push(rows: Int32Array, start: number, degree: number): number {
    const { longs, shorts, singles } = cutHub(degree, this.longs.width);
    let row = start;
    let chunk = 0;
    const cut = (table: IndexTable, count: number, first: number) => {
      for (let i = 0; i < count; i++, row += table.width)
        this.#chunks[chunk++] = first + table.push(rows, row, table.width);
    };
    cut(this.longs, longs, 0);
    cut(this.shorts, shorts, this.longs.entries);
    cut(this.singles, singles, this.longs.entries + this.shorts.entries);
    if (chunk <= NARROW_HUB) return this.narrow.push(this.#chunks, 0, chunk);
    return this.narrow.entries + this.wide.push(this.#chunks, 0, chunk);
  }
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
