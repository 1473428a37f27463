import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { EtalonError } from '../../base/index.ts';

/** Rows of numbers that are read in ranges, wherever they lie. */
export interface RowSource {
  readonly rows: number;
  readonly width: number;
  /** Writes the rows begin … end − 1 to the front of `into`. */
  read(begin: number, end: number, into: Float32Array): void;
}

export function rowsOf(values: Float32Array, width: number): RowSource {
  return {
    rows: values.length / width,
    width,
    read: (begin, end, into) => into.set(values.subarray(begin * width, end * width)),
  };
}

/** Rows in a file, written one after another: float32 of this machine's byte order, row after row. */
export class StateFile implements RowSource {
  readonly width: number;
  readonly #path: string;
  readonly #handle: number;
  #rows = 0;

  constructor(path: string, width: number) {
    this.width = width;
    this.#path = path;
    this.#handle = openSync(path, 'w+');
  }

  get rows(): number {
    return this.#rows;
  }

  /** Throws `input` where the file cannot take them. */
  append(values: Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    try {
      for (let done = 0; done < bytes.length; ) {
        const at = this.#rows * this.width * Float32Array.BYTES_PER_ELEMENT + done;
        done += writeSync(this.#handle, bytes, done, bytes.length - done, at);
      }
    } catch (cause) {
      throw new EtalonError('input', `States of nodes cannot be written: ${(cause as Error).message}`, {
        where: { file: this.#path },
        remedy: 'Make room on the disk, or set TMPDIR to a folder that has some.',
        cause,
      });
    }
    this.#rows += values.length / this.width;
  }

  read(begin: number, end: number, into: Float32Array): void {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, (end - begin) * this.width * 4);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#handle, bytes, done, bytes.length - done, begin * this.width * 4 + done);
      if (count === 0)
        throw new EtalonError('internal', `internal: the states of nodes end before row ${end}`, {
          where: { file: this.#path },
        });
      done += count;
    }
  }

  remove(): void {
    closeSync(this.#handle);
    rmSync(this.#path, { force: true });
  }
}
