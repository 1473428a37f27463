import type { Random, TaskContext } from '../../base/index.ts';
import { centroidTable, nearestRows } from '../nearestRows.ts';
import { kMeans } from './kMeans.ts';

/** Codewords of a part: what one byte can name. */
export const CODEWORDS = 256;

/**
 * Product quantiser (Jégou, Douze & Schmid 2011): a vector of n numbers is cut into `bytes` parts, and each part is replaced by the
 * nearest of its own 256 codewords. `codewords` holds part after part, [256, width of the part] each.
 */
export interface ProductQuantizer {
  readonly n: number;
  readonly bytes: number;
  /** [256 · n] */
  readonly codewords: Float32Array;
}

/** Numbers [begin, end) of a vector that a part holds: parts are as equal as can be. */
export function partOf({ n, bytes }: { n: number; bytes: number }, part: number): [number, number] {
  return [Math.floor((part * n) / bytes), Math.floor(((part + 1) * n) / bytes)];
}

/** The codewords of one part, a view. */
export function codebookOf(quantizer: ProductQuantizer, part: number): Float32Array {
  const [begin, end] = partOf(quantizer, part);
  return quantizer.codewords.subarray(CODEWORDS * begin, CODEWORDS * end);
}

/** Learns the codewords of each part by k-means on rows [count, n], from those of `from` where they are given. */
export async function trainQuantizer(
  rows: Float32Array,
  { n, bytes, iterations, from }: { n: number; bytes: number; iterations: number; from?: ProductQuantizer },
  random: Random,
  context: TaskContext,
): Promise<ProductQuantizer> {
  const codewords = new Float32Array(CODEWORDS * n);
  const quantizer = { n, bytes, codewords };
  for (let part = 0; part < bytes; part++) {
    const [begin, end] = partOf(quantizer, part);
    const stage = `Learning the codewords of part ${part + 1} of ${bytes}`;
    // Fewer rows than a byte can name: the codewords left over stay zeros.
    const clusters = Math.min(CODEWORDS, rows.length / n);
    const initial = from && { initial: codebookOf(from, part).slice(0, clusters * (end - begin)) };
    const options = { clusters, iterations, stage, ...initial };
    const { centroids } = await kMeans(cut(rows, n, begin, end), end - begin, options, random, context);
    codewords.set(centroids, CODEWORDS * begin);
  }
  return quantizer;
}

/** Codes [count, bytes] of rows [count, n]. */
export function encode(quantizer: ProductQuantizer, rows: Float32Array): Uint8Array {
  const { n, bytes } = quantizer;
  const count = rows.length / n;
  const codes = new Uint8Array(count * bytes);
  const [nearest, squared] = [new Int32Array(count), new Float32Array(count)];
  for (let part = 0; part < bytes; part++) {
    const [begin, end] = partOf(quantizer, part);
    const table = centroidTable(codebookOf(quantizer, part), end - begin);
    nearestRows(cut(rows, n, begin, end), [0, count], table, nearest, squared);
    for (let row = 0; row < count; row++) codes[row * bytes + part] = nearest[row];
  }
  return codes;
}

/** The vectors [count, n] that codes stand for. */
export function decode(quantizer: ProductQuantizer, codes: Uint8Array): Float32Array {
  const { n, bytes } = quantizer;
  const count = codes.length / bytes;
  const rows = new Float32Array(count * n);
  for (let part = 0; part < bytes; part++) {
    const [begin, end] = partOf(quantizer, part);
    const codebook = codebookOf(quantizer, part);
    const width = end - begin;
    for (let row = 0; row < count; row++) {
      const word = codes[row * bytes + part] * width;
      for (let i = 0; i < width; i++) rows[row * n + begin + i] = codebook[word + i];
    }
  }
  return rows;
}

/** Columns [begin, end) of rows of n numbers, as rows of their own. */
function cut(rows: Float32Array, n: number, begin: number, end: number): Float32Array {
  const width = end - begin;
  const part = new Float32Array((rows.length / n) * width);
  for (let from = begin, to = 0; to < part.length; from += n, to += width)
    for (let i = 0; i < width; i++) part[to + i] = rows[from + i];
  return part;
}
