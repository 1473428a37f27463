import { closeSync, fstatSync } from 'node:fs';
import type { RowReader } from '../rows.ts';
import { openIndexFile, readInto } from './files.ts';
import { VERSIONS } from './indexBuffers.ts';
import { bodyBegin, PREAMBLE, readHeader } from './sections.ts';

/**
 * The vectors of an exact index's file, read row by row as they are asked for: what re-ranking needs stays on disk, in the pages that the
 * system keeps of it. The header is checked, the body is not: it is never read whole.
 */
export class RowFile implements RowReader, Disposable {
  readonly dimension: number;
  readonly count: number;
  readonly #path: string;
  readonly #file: number;
  readonly #begin: number;

  /** Throws `not-found`, and `input` for a file of another kind, cut short or newer. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openIndexFile(path);
    try {
      const { size } = fstatSync(this.#file);
      const first = bodyBegin(this.#bytes(Math.min(PREAMBLE, size)), path);
      const { header } = readHeader(
        this.#bytes(Math.min(first, size)),
        { exact: VERSIONS.exact },
        size,
        path,
      );
      const { begin, length } = header.sections.vectors;
      this.dimension = header.fields.dimension as number;
      this.count = length / this.dimension;
      this.#begin = first + begin;
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  read(rows: Int32Array): Float32Array {
    const chosen = new Float32Array(rows.length * this.dimension);
    const bytes = new Uint8Array(chosen.buffer);
    const width = 4 * this.dimension;
    rows.forEach((row, i) => {
      readInto(this.#file, bytes.subarray(i * width, (i + 1) * width), this.#begin + row * width, this.#path);
    });
    return chosen;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** The first bytes of the file. */
  #bytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    readInto(this.#file, bytes, 0, this.#path);
    return bytes;
  }
}
