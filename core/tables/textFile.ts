import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { EtalonError } from '../base/index.ts';

const HEAD_BYTES = 64 * 1024;
const inflateHead = promisify(zlib.gunzip) as (
  bytes: Uint8Array,
  options: zlib.ZlibOptions,
) => Promise<Buffer>;

/** The first bytes of a file, unzipped where it is gzip. Throws `input` for a broken gzip file. */
export async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const bytes = head.subarray(0, bytesRead);
    // A partial flush: the head of a gzip file is not a whole one.
    return isGzip(bytes) ? await inflateHead(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH }) : bytes;
  } catch (error) {
    throw isZlibError(error) ? damagedGzip(path, 1, error) : error;
  } finally {
    await file.close();
  }
}

/**
 * The text of a UTF-8 file, plain or gzip, piece by piece; a broken gzip file gives an `input` error
 * that names the last line that came out of it. `onRead` is told how
 * many bytes of the file, zipped as they are, were read so far.
 */
export async function* readText(
  path: string,
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 64 * 1024 });
  const gzip = await isGzipFile(path);
  const bytes = gzip ? pipeline(file, zlib.createGunzip({ chunkSize: 64 * 1024 }), () => {}) : file;
  const decoder = new TextDecoder('utf-8');
  let line = 1;
  try {
    for await (const chunk of bytes) {
      onRead(file.bytesRead);
      if (gzip) line += lineBreaks(chunk as Buffer);
      yield decoder.decode(chunk as Buffer, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw isZlibError(error) ? damagedGzip(path, line, error) : error;
  } finally {
    file.destroy();
  }
}

function lineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** Whether a file begins as gzip does. */
export async function isGzipFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    return isGzip(magic);
  } finally {
    await file.close();
  }
}

function damagedGzip(path: string, line: number, error: Error): EtalonError {
  return new EtalonError('input', `The gzip file is damaged or cut short (${error.message}).`, {
    where: { file: path, line },
    remedy: 'Download or copy it again.',
  });
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_ZLIB)/.test(String(error.code));
}
