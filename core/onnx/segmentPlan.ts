import { EtalonError } from '../base/index.ts';

/** Segments of up to this many rows are summed at once, each degree in a bucket of its own. */
export const EXACT_DEGREES = 8;
/** Rows of a hub's short chunks. */
export const SHORT_CHUNK = 8;
/** Hubs of up to this many chunks are summed in a bucket of this width, longer ones in a wider one. */
export const NARROW_HUB = 16;
/** Rows of a hub's long chunks, at least. */
const LONG_CHUNK = 64;

/**
 * How the rows of a segment sum are grouped so that gathers and sums of rectangles compute it: always the same
 * way for the same index, without two threads ever adding to one place.
 *
 * A segment of degree 1 … 8 stands in the bucket of its degree: a table [segments, degree] of row numbers.
 * A hub's rows are cut into chunks: long ones (about the square root of the largest degree), short ones of 8, and
 * single rows. The sums of the chunks, in this order, are followed by a row of zeros, and hubs are sums of these:
 * tables [hubs, 16] and [hubs, widest] of chunk numbers, filled up with the row of zeros.
 */
export interface SegmentPlan {
  /** Tables of fixed width after one another: degrees 1 … 8, single rows, short chunks, narrow hubs. */
  tables: Int32Array;
  /** Length of each of these tables in `tables`. */
  tableSizes: BigInt64Array;
  /** [long chunks, rows of each] */
  longChunks: IndexTable;
  /** [wide hubs, chunks of each] */
  wideHubs: IndexTable;
  /** [segments] where each segment's sum stands: buckets, narrow hubs, wide hubs, a row of zeros. */
  position: Int32Array;
}

export interface IndexTable {
  rows: number;
  width: number;
  values: Int32Array;
}

/** Number of tables in {@link SegmentPlan.tables}. */
export const TABLE_WIDTHS: readonly number[] = [
  ...Array.from({ length: EXACT_DEGREES }, (_, i) => i + 1),
  1,
  SHORT_CHUNK,
  NARROW_HUB,
];

/**
 * Plans the sum of rows with equal `index` into `segments` rows, by counting sort in O(rows + segments).
 * Throws `internal` for an index that is no segment.
 */
export function planSegments(index: Int32Array, segments: number): SegmentPlan {
  const { starts, rows } = groupRows(index, segments);
  const degree = (segment: number) => starts[segment + 1] - starts[segment];
  let maxDegree = 0;
  const perDegree = new Int32Array(EXACT_DEGREES + 1);
  let hubs = 0;
  for (let segment = 0; segment < segments; segment++) {
    const count = degree(segment);
    if (count > EXACT_DEGREES) hubs++;
    else perDegree[count]++;
    if (count > maxDegree) maxDegree = count;
  }

  // A hub is never put together of more than about twice the square root of the largest degree.
  const longWidth = Math.max(LONG_CHUNK, SHORT_CHUNK * Math.ceil(Math.sqrt(maxDegree) / SHORT_CHUNK));
  const chunks = cutHubs(starts, segments, longWidth, hubs);

  const position = new Int32Array(segments);
  const exact = Array.from({ length: EXACT_DEGREES }, (_, i) => new Int32Array((i + 1) * perDegree[i + 1]));
  const nextInBucket = new Int32Array(EXACT_DEGREES + 1);
  const firstOfBucket = new Int32Array(EXACT_DEGREES + 2);
  for (let d = 1; d <= EXACT_DEGREES; d++) firstOfBucket[d + 1] = firstOfBucket[d] + perDegree[d];
  const firstHub = firstOfBucket[EXACT_DEGREES + 1];
  const zeroRow = firstHub + hubs;
  for (let segment = 0; segment < segments; segment++) {
    const count = degree(segment);
    if (count === 0) position[segment] = zeroRow;
    else if (count <= EXACT_DEGREES) {
      const slot = nextInBucket[count]++;
      const table = exact[count - 1];
      for (let k = 0; k < count; k++) table[slot * count + k] = rows[starts[segment] + k];
      position[segment] = firstOfBucket[count] + slot;
    }
  }

  const single = new Int32Array(chunks.singles);
  const short = new Int32Array(chunks.shorts * SHORT_CHUNK);
  const long = new Int32Array(chunks.longs * longWidth);
  const zeroChunk = chunks.longs + chunks.shorts + chunks.singles;
  const narrow = new Int32Array(chunks.narrowHubs * NARROW_HUB).fill(zeroChunk);
  const wide = new Int32Array((hubs - chunks.narrowHubs) * chunks.widest).fill(zeroChunk);
  let nextLong = 0;
  let nextShort = 0;
  let nextSingle = 0;
  let nextNarrow = 0;
  let nextWide = 0;
  for (const segment of chunks.hubs) {
    const isNarrow = chunkCount(degree(segment), longWidth) <= NARROW_HUB;
    const table = isNarrow ? narrow : wide;
    let entry = isNarrow ? nextNarrow * NARROW_HUB : nextWide * chunks.widest;
    position[segment] = isNarrow ? firstHub + nextNarrow++ : firstHub + chunks.narrowHubs + nextWide++;
    const end = starts[segment + 1];
    let row = starts[segment];
    for (; end - row >= longWidth; row += longWidth) {
      long.set(rows.subarray(row, row + longWidth), nextLong * longWidth);
      table[entry++] = nextLong++;
    }
    for (; end - row >= SHORT_CHUNK; row += SHORT_CHUNK) {
      short.set(rows.subarray(row, row + SHORT_CHUNK), nextShort * SHORT_CHUNK);
      table[entry++] = chunks.longs + nextShort++;
    }
    for (; row < end; row++) {
      single[nextSingle] = rows[row];
      table[entry++] = chunks.longs + chunks.shorts + nextSingle++;
    }
  }

  const fixed = [...exact, single, short, narrow];
  return {
    tables: concatenate(fixed),
    tableSizes: BigInt64Array.from(fixed, (table) => BigInt(table.length)),
    longChunks: { rows: chunks.longs, width: longWidth, values: long },
    wideHubs: { rows: hubs - chunks.narrowHubs, width: chunks.widest, values: wide },
    position,
  };
}

/** Rows ordered by segment, those of a segment in their own order; segment s has rows[starts[s]] … rows[starts[s + 1] − 1]. */
function groupRows(index: Int32Array, segments: number): { starts: Int32Array; rows: Int32Array } {
  const starts = new Int32Array(segments + 1);
  for (let row = 0; row < index.length; row++) {
    const segment = index[row];
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

interface HubChunks {
  /** The segments that are hubs, ascending. */
  hubs: Int32Array;
  narrowHubs: number;
  /** Most chunks of one hub. */
  widest: number;
  longs: number;
  shorts: number;
  singles: number;
}

function cutHubs(starts: Int32Array, segments: number, longWidth: number, count: number): HubChunks {
  const chunks: HubChunks = {
    hubs: new Int32Array(count),
    narrowHubs: 0,
    widest: 0,
    longs: 0,
    shorts: 0,
    singles: 0,
  };
  let hub = 0;
  for (let segment = 0; segment < segments && hub < count; segment++) {
    const degree = starts[segment + 1] - starts[segment];
    if (degree <= EXACT_DEGREES) continue;
    chunks.hubs[hub++] = segment;
    const longs = Math.floor(degree / longWidth);
    const rest = degree % longWidth;
    chunks.longs += longs;
    chunks.shorts += Math.floor(rest / SHORT_CHUNK);
    chunks.singles += rest % SHORT_CHUNK;
    const parts = chunkCount(degree, longWidth);
    if (parts <= NARROW_HUB) chunks.narrowHubs++;
    else if (parts > chunks.widest) chunks.widest = parts;
  }
  return chunks;
}

function chunkCount(degree: number, longWidth: number): number {
  const rest = degree % longWidth;
  return Math.floor(degree / longWidth) + Math.floor(rest / SHORT_CHUNK) + (rest % SHORT_CHUNK);
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
