import { crc32 } from 'node:zlib';
import { EtalonError } from '../../base/index.ts';

/**
 * The one form of every index: a buffer that is sent to a thread, shared between threads, or written to a file as it is.
 *
 *     bytes 0 … 3    "ETVI"
 *           4 … 7    version of this form
 *           8 … 11   CRC-32 of the header
 *          12 … 15   bytes of the header, padding included
 *          16 …      header, JSON: kind, version of the kind, fields, where each section lies, length and CRC-32 of the body
 *          …         body: sections, each at a multiple of 64 bytes
 *
 * Numbers are little endian. Opening makes views: nothing is copied.
 */
export const FORM_VERSION = 1;

const MAGIC = 'ETVI';
export const PREAMBLE = 16;
/** A cache line; a multiple of what any typed array wants. */
const ALIGNMENT = 64;
const SPACE = 0x20;
/** Bytes of the widest number. */
const WIDEST = 8;
/** Digits of a CRC-32. */
const LONGEST_CHECKSUM = 10;

/** In memory of one's own or shared. */
interface Arrays {
  Uint8Array: Uint8Array;
  Int32Array: Int32Array;
  Uint32Array: Uint32Array;
  Float32Array: Float32Array;
  Float64Array: Float64Array;
}
type ArrayName = keyof Arrays;
type ViewOf<Name extends ArrayName> = new (
  buffer: ArrayBufferLike,
  begin: number,
  length: number,
) => Arrays[Name];

const ARRAYS: { [Name in ArrayName]: ViewOf<Name> } = {
  Uint8Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
};
export type SectionArray = Arrays[ArrayName];

interface Header {
  kind: string;
  version: number;
  fields: Record<string, unknown>;
  sections: Record<string, { array: ArrayName; begin: number; length: number }>;
  body: { length: number; checksum: number };
}

export interface Content {
  kind: string;
  version: number;
  /** What JSON holds. */
  fields: Record<string, unknown>;
  /** An absent one (null) is absent when it is read. */
  sections: Record<string, SectionArray | null>;
}

/** Kinds that a reader knows, with the newest version of each. */
export type KnownKinds = Readonly<Record<string, number>>;

/** Any content in one buffer, shared between threads where asked. */
export function pack({ kind, version, fields, sections }: Content, shared = false): Uint8Array {
  const present = Object.entries(sections).filter(
    (entry): entry is [string, SectionArray] => entry[1] !== null,
  );
  const header: Header = { kind, version, fields, sections: {}, body: { length: 0, checksum: 0 } };
  for (const [name, values] of present) {
    header.sections[name] = { array: nameOf(values), begin: header.body.length, length: values.length };
    header.body.length = aligned(header.body.length + values.byteLength);
  }
  // Room for the body's checksum, which is not known yet.
  const first = aligned(PREAMBLE + encoded(header).length + LONGEST_CHECKSUM);
  const size = first + header.body.length;
  const bytes = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  for (const [name, values] of present)
    bytes.set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      first + header.sections[name].begin,
    );
  header.body.checksum = checksum(bytes.subarray(first));
  writeHeader(bytes, encoded(header), first);
  return bytes;
}

/** Content as it was packed. */
export class Sections {
  readonly kind: string;
  readonly fields: Record<string, unknown>;
  readonly #header: Header;
  readonly #bytes: Uint8Array;
  readonly #first: number;

  /**
   * Throws `input` for what is no index, is cut short or damaged, of a kind that is not among `kinds`, or newer than is known of that
   * kind. `file` is named in errors.
   */
  constructor(bytes: Uint8Array, kinds: KnownKinds, file?: string) {
    const { header, first } = readHeader(bytes, kinds, bytes.length, file);
    if (checksum(bytes.subarray(first, first + header.body.length)) !== header.body.checksum)
      throw damaged(file);
    this.kind = header.kind;
    this.fields = header.fields;
    this.#header = header;
    // Arrays cannot be views of a buffer's part that begins just anywhere.
    this.#bytes = bytes.byteOffset % WIDEST === 0 ? bytes : bytes.slice();
    this.#first = first;
  }

  /** A view of a section. */
  array<Name extends ArrayName>(name: string, array: Name): Arrays[Name] {
    const found = this.optional(name, array);
    if (!found) throw new EtalonError('internal', `internal: the index has no ${name}`);
    return found;
  }

  optional<Name extends ArrayName>(name: string, array: Name): Arrays[Name] | null {
    const section = this.#header.sections[name];
    if (!section) return null;
    if (section.array !== array)
      throw new EtalonError('internal', `internal: ${name} is a ${section.array}, not a ${array}`);
    const begin = this.#bytes.byteOffset + this.#first + section.begin;
    return new ARRAYS[array](this.#bytes.buffer, begin, section.length);
  }
}

/** Where the body begins, by the first {@link PREAMBLE} bytes. Throws `input` for what is no index, or in a newer form. */
export function bodyBegin(bytes: Uint8Array, file?: string): number {
  if (bytes.length < PREAMBLE || textOf(bytes.subarray(0, MAGIC.length)) !== MAGIC)
    throw unusable('This is no index of vectors.', file);
  checkVersion(uint32(bytes, 4), FORM_VERSION, file);
  return PREAMBLE + uint32(bytes, 12);
}

/** The checked header of an index of `size` bytes, of which `bytes` holds at least the header. */
export function readHeader(
  bytes: Uint8Array,
  kinds: KnownKinds,
  size: number,
  file?: string,
): { header: Header; first: number } {
  const first = bodyBegin(bytes, file);
  const text = bytes.subarray(PREAMBLE, first);
  if (first > bytes.length || uint32(bytes, 8) !== checksum(text)) throw damaged(file);
  const header = JSON.parse(textOf(text)) as Header;
  if (!Object.hasOwn(kinds, header.kind))
    throw unusable(
      `This is an index of the kind “${header.kind}”, not “${Object.keys(kinds).join('” or “')}”.`,
      file,
    );
  checkVersion(header.version, kinds[header.kind], file);
  if (first + header.body.length > size) throw damaged(file);
  return { header, first };
}

function writeHeader(bytes: Uint8Array, text: Uint8Array, first: number): void {
  bytes.fill(SPACE, PREAMBLE, first);
  bytes.set(text, PREAMBLE);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, FORM_VERSION, true);
  view.setUint32(8, checksum(bytes.subarray(PREAMBLE, first)), true);
  view.setUint32(12, first - PREAMBLE, true);
}

function checkVersion(found: number, known: number, file?: string): void {
  if (found < 1) throw damaged(file);
  if (found > known)
    throw new EtalonError(
      'input',
      `The index has version ${found}; this program knows versions up to ${known}.`,
      {
        ...(file && { where: { file } }),
        remedy: 'Open it with a newer Etalon, or build it again.',
      },
    );
}

function damaged(file?: string): EtalonError {
  return unusable('The index is damaged or cut short.', file);
}

function unusable(message: string, file?: string): EtalonError {
  return new EtalonError('input', message, {
    ...(file && { where: { file } }),
    remedy: 'Build the index again.',
  });
}

/** `crc32` reads ordinary memory alone: what is shared is copied, piece by piece. */
const PIECE = 1 << 20;

function checksum(bytes: Uint8Array): number {
  const isShared = bytes.buffer instanceof SharedArrayBuffer;
  let sum = 0;
  for (let begin = 0; begin < bytes.length; begin += PIECE) {
    const piece = bytes.subarray(begin, begin + PIECE);
    sum = crc32(isShared ? piece.slice() : piece, sum);
  }
  return sum;
}

function encoded(header: Header): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.slice());
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function nameOf(values: SectionArray): ArrayName {
  return values.constructor.name as ArrayName;
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
