import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { OsmCounts, OsmSource, OsmVisitor } from './elements.ts';
import { BLOCK_KINDS, BlockDecoder, blockKinds } from './primitiveBlock.ts';
import { MalformedProtobuf, ProtoReader } from './proto.ts';

/** Limits of the format: https://wiki.openstreetmap.org/wiki/PBF_Format */
const MAX_BLOB_HEADER_BYTES = 64 * 1024;
const MAX_BLOB_BYTES = 32 * 1024 * 1024;
const SUPPORTED_FEATURES = new Set(['OsmSchema-V0.6', 'DenseNodes']);
/** Blobs read and inflated ahead of the one being decoded; zlib does it on threads of its own. */
const BLOBS_AHEAD = 4;

const BLOB_HEADER = { type: 1, dataSize: 3 } as const;
const BLOB = { raw: 1, rawSize: 2, zlib: 3, lzma: 4, bzip2: 5, lz4: 6, zstd: 7 } as const;
const HEADER = { requiredFeature: 4, optionalFeature: 5 } as const;
const UNREADABLE: Readonly<Record<number, string>> = {
  [BLOB.lzma]: 'lzma',
  [BLOB.bzip2]: 'bzip2',
  [BLOB.lz4]: 'lz4',
};

const inflate = promisify(zlib.inflate) as (
  bytes: Uint8Array,
  options: zlib.ZlibOptions,
) => Promise<Uint8Array>;

interface Blob {
  offset: number;
  size: number;
}

/**
 * Opens an OSM PBF file. Its frame is walked at once, so that a file cut short is found before any work is done
 * on it; blocks are then read as often as asked, a few at a time.
 */
export async function openPbf(path: string): Promise<OsmSource> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const frame = await readFrame(file, path, size);
    const sorted = await readHeader(file, path, frame.header);
    return new PbfSource(file, path, frame.data, sorted);
  } catch (error) {
    await file.close();
    throw error;
  }
}

class PbfSource implements OsmSource {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #blobs: readonly Blob[];
  /** [blobs] kinds of element in each blob; 0 while unknown. */
  readonly #kinds: Uint8Array;
  readonly #sorted: boolean;

  constructor(file: FileHandle, path: string, blobs: readonly Blob[], sorted: boolean) {
    this.#file = file;
    this.path = path;
    this.#blobs = blobs;
    this.#kinds = new Uint8Array(blobs.length);
    this.#sorted = sorted;
  }

  async read(visitor: OsmVisitor, stage: string, context: TaskContext): Promise<OsmCounts> {
    const wanted =
      (visitor.nodes ? BLOCK_KINDS.nodes : 0) |
      (visitor.way ? BLOCK_KINDS.ways : 0) |
      (visitor.relation ? BLOCK_KINDS.relations : 0);
    const selected = await this.#select(wanted);
    const decoder = new BlockDecoder(visitor);
    const ahead: Promise<Uint8Array>[] = [];
    let next = 0;
    const fetch = (): void => {
      const block = readBlob(this.#file, this.path, this.#blobs[selected[next++]]);
      block.catch(() => {}); // Reported when its turn comes, unless an earlier one fails first.
      ahead.push(block);
    };
    while (next < selected.length && ahead.length < BLOBS_AHEAD) fetch();
    for (let done = 0; done < selected.length; done++) {
      throwIfCancelled(context.signal);
      const bytes = await ahead.shift()!;
      if (next < selected.length) fetch();
      const blob = selected[done];
      this.#kinds[blob] = this.#inFile(this.#blobs[blob], () => decoder.decode(bytes));
      context.report({ stage, done: done + 1, total: selected.length, unit: 'blocks' });
    }
    if (this.#sorted) this.#checkOrder();
    return decoder.counts;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The blobs that may hold a wanted kind. In a file sorted by type the border is found by bisection. */
  async #select(wanted: number): Promise<number[]> {
    let border = -1;
    if (this.#sorted && (wanted & BLOCK_KINDS.nodes) === 0) border = await this.#firstWithoutNodesOnly();
    const selected: number[] = [];
    for (let i = 0; i < this.#blobs.length; i++) {
      const kinds = this.#kinds[i];
      if (kinds === 0 ? i >= border : (kinds & wanted) !== 0) selected.push(i);
    }
    return selected;
  }

  async #firstWithoutNodesOnly(): Promise<number> {
    let low = 0;
    let high = this.#blobs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bytes = await readBlob(this.#file, this.path, this.#blobs[middle]);
      const kinds = this.#inFile(this.#blobs[middle], () => blockKinds(bytes));
      if (kinds === BLOCK_KINDS.nodes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A file that says it is sorted and is not would lose ways or nodes without a word. */
  #checkOrder(): void {
    let latest = 0;
    for (let i = 0; i < this.#kinds.length; i++) {
      const kinds = this.#kinds[i];
      if (kinds === 0) continue;
      const lowest = kinds & -kinds;
      if (lowest < latest)
        throw new EtalonError('input', 'The file says that it is sorted by type, but is not.', {
          where: { file: this.path, field: `byte ${this.#blobs[i].offset}` },
          remedy: 'Sort it with "osmium sort".',
        });
      latest = 2 ** Math.floor(Math.log2(kinds));
    }
  }

  #inFile<T>(blob: Blob, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (error instanceof MalformedProtobuf || error instanceof RangeError)
        throw corrupt(this.path, blob.offset, error.message);
      throw error;
    }
  }
}

async function readFrame(
  file: FileHandle,
  path: string,
  size: number,
): Promise<{ header: Blob; data: Blob[] }> {
  const data: Blob[] = [];
  let header: Blob | undefined;
  const scratch = Buffer.alloc(4 + MAX_BLOB_HEADER_BYTES);
  for (let offset = 0; offset < size; ) {
    // Headers are some 20 bytes: one small read does for all but odd ones.
    const { bytesRead } = await file.read(scratch, 0, Math.min(64, size - offset), offset);
    const headerSize = bytesRead < 4 ? Number.NaN : scratch.readUInt32BE(0);
    if (Number.isNaN(headerSize)) throw truncated(path, offset);
    if (headerSize > MAX_BLOB_HEADER_BYTES)
      throw corrupt(path, offset, `a block header of ${headerSize} bytes is announced`);
    if (offset + 4 + headerSize > size) throw truncated(path, offset);
    if (4 + headerSize > bytesRead)
      await file.read(scratch, bytesRead, 4 + headerSize - bytesRead, offset + bytesRead);
    const { type, dataSize } = readBlobHeader(scratch.subarray(4, 4 + headerSize), path, offset);
    const blob: Blob = { offset: offset + 4 + headerSize, size: dataSize };
    if (blob.offset + blob.size > size) throw truncated(path, offset);
    if (!header) {
      if (type !== 'OSMHeader') throw corrupt(path, offset, `it begins with "${type}", not "OSMHeader"`);
      header = blob;
    } else if (type === 'OSMData') data.push(blob);
    offset = blob.offset + blob.size;
  }
  if (!header) throw truncated(path, 0);
  return { header, data };
}

function readBlobHeader(bytes: Buffer, path: string, offset: number): { type: string; dataSize: number } {
  let type = '';
  let dataSize = -1;
  try {
    const header = new ProtoReader(bytes);
    for (let field = header.nextField(); field; field = header.nextField()) {
      if (field === BLOB_HEADER.type) {
        const end = header.enter();
        type = bytes.toString('latin1', header.position, end);
        header.position = end;
      } else if (field === BLOB_HEADER.dataSize) dataSize = header.varint();
      else header.skip();
    }
  } catch (error) {
    throw corrupt(path, offset, (error as Error).message);
  }
  if (dataSize < 0 || dataSize > MAX_BLOB_BYTES)
    throw corrupt(
      path,
      offset,
      dataSize < 0 ? 'a block has no size' : `a block of ${dataSize} bytes is announced`,
    );
  return { type, dataSize };
}

/** Checks that the file asks for nothing we cannot do; returns whether it says to be sorted by type. */
async function readHeader(file: FileHandle, path: string, blob: Blob): Promise<boolean> {
  const bytes = Buffer.from(await readBlob(file, path, blob));
  let sorted = false;
  const header = new ProtoReader(bytes);
  for (let field = header.nextField(); field; field = header.nextField()) {
    if (field !== HEADER.requiredFeature && field !== HEADER.optionalFeature) {
      header.skip();
      continue;
    }
    const end = header.enter();
    const feature = bytes.toString('utf8', header.position, end);
    header.position = end;
    if (field === HEADER.optionalFeature) sorted ||= feature === 'Sort.Type_then_ID';
    else if (!SUPPORTED_FEATURES.has(feature)) throw unsupportedFeature(path, feature);
  }
  return sorted;
}

function unsupportedFeature(path: string, feature: string): EtalonError {
  const history = feature === 'HistoricalInformation';
  return new EtalonError(
    'input',
    history
      ? 'The file holds the history of every element; one state of the map is needed.'
      : `The file needs the feature "${feature}", which is not supported.`,
    {
      where: { file: path },
      remedy: history
        ? 'Take one state out of it with "osmium time-filter".'
        : 'Write it anew with "osmium cat -o plain.osm.pbf".',
    },
  );
}

async function readBlob(file: FileHandle, path: string, blob: Blob): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(blob.size);
  const { bytesRead } = await file.read(bytes, 0, blob.size, blob.offset);
  if (bytesRead < blob.size) throw truncated(path, blob.offset);
  try {
    return await inflateBlob(bytes, path);
  } catch (error) {
    if (error instanceof EtalonError) throw error;
    throw corrupt(path, blob.offset, (error as Error).message);
  }
}

async function inflateBlob(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  let rawSize = -1;
  let field = 0;
  let data: Uint8Array | undefined;
  const blob = new ProtoReader(bytes);
  for (let next = blob.nextField(); next; next = blob.nextField()) {
    if (next === BLOB.rawSize) rawSize = blob.varint();
    else if (next === BLOB.raw || next === BLOB.zlib || next === BLOB.zstd || next in UNREADABLE) {
      const end = blob.enter();
      field = next;
      data = bytes.subarray(blob.position, end);
      blob.position = end;
    } else blob.skip();
  }
  if (!data) throw new MalformedProtobuf('a block has no data');
  if (field === BLOB.raw) return data;
  if (field !== BLOB.zlib && !(field === BLOB.zstd && zlib.zstdDecompressSync))
    throw unsupportedCompression(path, UNREADABLE[field] ?? 'zstd');
  if (rawSize < 0 || rawSize > MAX_BLOB_BYTES)
    throw new MalformedProtobuf(`a block says it holds ${rawSize} bytes`);
  // One byte more than needed: with an exact fit zlib would be asked once more, for nothing.
  const options = { chunkSize: Math.max(64, rawSize + 1), maxOutputLength: rawSize + 1 };
  const raw = field === BLOB.zlib ? await inflate(data, options) : zlib.zstdDecompressSync(data);
  if (raw.length !== rawSize)
    throw new MalformedProtobuf(`a block holds ${raw.length} bytes where it says ${rawSize}`);
  return raw;
}

function unsupportedCompression(path: string, name: string): EtalonError {
  return new EtalonError('input', `The file is compressed with ${name}, which cannot be read here.`, {
    where: { file: path },
    remedy: 'Write it anew with "osmium cat -o plain.osm.pbf -f pbf,pbf_compression=zlib".',
  });
}

function truncated(path: string, offset: number): EtalonError {
  return new EtalonError('input', `The file ends in the middle of the block at byte ${offset}.`, {
    where: { file: path, field: `byte ${offset}` },
    remedy: 'It was cut short: download or copy it again.',
  });
}

function corrupt(path: string, offset: number, what: string): EtalonError {
  return new EtalonError('input', `The block at byte ${offset} is damaged: ${what}.`, {
    where: { file: path, field: `byte ${offset}` },
    remedy: 'Check the file with "osmium fileinfo -e", or download it again.',
  });
}
