import { dot, squaredDistance } from '../kernels.ts';
import type { IvfParts } from './parts.ts';
import { CODEWORDS, codebookOf, partOf } from './quantizer.ts';

/** The key of a code is `base` + Σ over parts of `table[256 · part + byte]`. */
export interface CodeTable {
  base: number;
  /** [bytes, 256] */
  table: Float32Array;
}

/**
 * Asymmetric distances (Jégou et al. 2011, §3): the query stays as it is, documents are their codes. For inner products −q·(c + r) = −q·c − q·r,
 * where the table of −q·r serves all clusters; for L2 ‖(q − c) − r‖² needs one for each.
 */
export class QueryTables {
  readonly #parts: IvfParts;
  /** Projected. */
  readonly #query: Float32Array;
  #shared: Float32Array | null = null;

  constructor(parts: IvfParts, query: Float32Array) {
    this.#parts = parts;
    this.#query = query;
  }

  of(cluster: number): CodeTable {
    const { metric, centroids, quantizer } = this.#parts;
    const { n } = quantizer;
    const query = this.#query;
    if (metric === 'l2') {
      const residual = query.map((value, i) => value - centroids[cluster * n + i]);
      return { base: 0, table: tableOf(this.#parts, residual, squaredDistance, 1) };
    }
    this.#shared ??= tableOf(this.#parts, query, dot, -1);
    return { base: -dot(query, 0, centroids, cluster * n, n), table: this.#shared };
  }
}

function tableOf(
  { quantizer }: IvfParts,
  query: Float32Array,
  kernel: typeof dot,
  sign: 1 | -1,
): Float32Array {
  const table = new Float32Array(quantizer.bytes * CODEWORDS);
  for (let part = 0; part < quantizer.bytes; part++) {
    const [begin, end] = partOf(quantizer, part);
    const codebook = codebookOf(quantizer, part);
    const width = end - begin;
    for (let word = 0; word < CODEWORDS; word++)
      table[part * CODEWORDS + word] = sign * kernel(query, begin, codebook, word * width, width);
  }
  return table;
}

/** Key of the code that begins at `start`. */
export function codeKey({ base, table }: CodeTable, codes: Uint8Array, start: number, bytes: number): number {
  const even = bytes & ~3;
  let s0 = base;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let part = 0;
  for (; part < even; part += 4) {
    const at = part * CODEWORDS;
    s0 += table[at + codes[start + part]];
    s1 += table[at + CODEWORDS + codes[start + part + 1]];
    s2 += table[at + 2 * CODEWORDS + codes[start + part + 2]];
    s3 += table[at + 3 * CODEWORDS + codes[start + part + 3]];
  }
  for (; part < bytes; part++) s0 += table[part * CODEWORDS + codes[start + part]];
  return s0 + s1 + (s2 + s3);
}
