import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { EtalonError } from '../../base/index.ts';

/** Bytes that one call of the system moves: it takes no more than 2 GB. */
const AT_ONCE = 1 << 28;

/** Writes an index all or nothing: under another name first. */
export function writeIndexFile(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, 'w');
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(file, bytes, done, Math.min(AT_ONCE, bytes.length - done));
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileError(error, path, 'cannot be written');
  }
}

/** Reads an index into memory that threads may share. Throws `not-found` and `input`. */
export function readIndexFile(path: string): Uint8Array {
  const file = openIndexFile(path);
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(fstatSync(file).size));
    readInto(file, bytes, 0, path);
    return bytes;
  } finally {
    closeSync(file);
  }
}

export function openIndexFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw fileError(error, path, 'cannot be read');
  }
}

/** Fills `bytes` from a place in the file. */
export function readInto(file: number, bytes: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, Math.min(AT_ONCE, bytes.length - done), position + done);
    if (read === 0)
      throw new EtalonError('input', 'The file ends too early.', {
        where: { file: path },
        remedy: 'Build the index again.',
      });
    done += read;
  }
}

function fileError(error: unknown, file: string, what: string): EtalonError {
  if (error instanceof EtalonError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  return new EtalonError(code === 'ENOENT' ? 'not-found' : 'input', `The file ${what} (${code}).`, {
    where: { file },
    cause: error,
  });
}
