import { EtalonError } from '../../base/index.ts';
import { layOutSegments, type SegmentLayout } from './kernels/segmentSum/segments.ts';

/** What one pass over an index array tells. */
interface Scan {
  min: number;
  max: number;
  hash: number;
}

/** Layouts by array and number of segments. The hash finds out an array that was overwritten since. */
const layouts = new WeakMap<Int32Array, Map<number, { hash: number; layout: SegmentLayout }>>();

/**
 * Checks an index array against the rows it points into, which a GPU would not do.
 * Throws `internal` naming the input, as the reference does.
 */
export function scanIndex(name: string, index: Int32Array): { check: (rows: number) => void; scan: Scan } {
  let min = 0;
  let max = -1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < index.length; i++) {
    const value = index[i];
    if (value < min) min = value;
    if (value > max) max = value;
    hash = Math.imul(hash ^ value, 0x01000193);
  }
  const check = (rows: number) => {
    const wrong = min < 0 ? min : max >= rows ? max : undefined;
    if (wrong === undefined) return;
    throw new EtalonError('internal', `internal: index ${wrong} of input "${name}" into ${rows} rows`);
  };
  return { check, scan: { min, max, hash } };
}

/** The segments of an index array; worked out once for an array that is fed again and again. */
export function segmentLayout(index: Int32Array, segments: number, hash: number): SegmentLayout {
  let known = layouts.get(index);
  if (!known) {
    known = new Map();
    layouts.set(index, known);
  }
  let entry = known.get(segments);
  if (entry?.hash !== hash) {
    entry = { hash, layout: layOutSegments(index, segments) };
    known.set(segments, entry);
  }
  return entry!.layout;
}
