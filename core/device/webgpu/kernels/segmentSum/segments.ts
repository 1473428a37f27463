/** Rows that one lane adds up by itself; a segment with more is cut into chunks of this size. */
export const CHUNK_ROWS = 128;

/**
 * Rows ordered by their segment (CSR), as the kernels read it: one array of
 * starts [segments + 1] · order [rows] · chunkBegin [chunks] · chunkEnd [chunks] · hubSegment [hubs] · hubFirstChunk [hubs + 1].
 * A hub is a segment of more than {@link CHUNK_ROWS} rows.
 */
export interface SegmentLayout {
  readonly data: Int32Array<ArrayBuffer>;
  readonly chunks: number;
  readonly hubs: number;
}

/** Orders rows by segment with a counting sort: rows of a segment keep their order, so sums repeat bit by bit. */
export function layOutSegments(index: Int32Array, segments: number): SegmentLayout {
  const starts = new Int32Array(segments + 1);
  for (let row = 0; row < index.length; row++) starts[index[row] + 1]++;
  let chunks = 0;
  let hubs = 0;
  for (let segment = 0; segment < segments; segment++) {
    const rows = starts[segment + 1];
    if (rows > CHUNK_ROWS) {
      chunks += Math.ceil(rows / CHUNK_ROWS);
      hubs++;
    }
    starts[segment + 1] += starts[segment];
  }

  const at = offsetsOf(segments, index.length, chunks, hubs);
  const data = new Int32Array(at.end);
  data.set(starts);
  const next = starts.slice(0, segments);
  for (let row = 0; row < index.length; row++) data[at.order + next[index[row]]++] = row;

  let chunk = 0;
  let hub = 0;
  for (let segment = 0; segment < segments; segment++) {
    if (starts[segment + 1] - starts[segment] <= CHUNK_ROWS) continue;
    data[at.hubSegment + hub] = segment;
    data[at.hubFirstChunk + hub] = chunk;
    hub++;
    for (let begin = starts[segment]; begin < starts[segment + 1]; begin += CHUNK_ROWS) {
      data[at.chunkBegin + chunk] = begin;
      data[at.chunkEnd + chunk] = Math.min(begin + CHUNK_ROWS, starts[segment + 1]);
      chunk++;
    }
  }
  data[at.hubFirstChunk + hubs] = chunks;
  return { data, chunks, hubs };
}

/** Where each part of {@link SegmentLayout.data} begins. */
export function offsetsOf(segments: number, rows: number, chunks: number, hubs: number) {
  const order = segments + 1;
  const chunkBegin = order + rows;
  const chunkEnd = chunkBegin + chunks;
  const hubSegment = chunkEnd + chunks;
  const hubFirstChunk = hubSegment + hubs;
  return { order, chunkBegin, chunkEnd, hubSegment, hubFirstChunk, end: hubFirstChunk + hubs + 1 };
}
