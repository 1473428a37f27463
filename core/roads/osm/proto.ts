/** Thrown by the functions of this file; whoever knows file and offset turns it into an error for the user. */
export class MalformedProtobuf extends Error {
  override readonly name = 'MalformedProtobuf';
}

const TWO_28 = 2 ** 28;
const TWO_32 = 2 ** 32;
const LAST_BYTE = 10;

/**
 * Reads the fields of one protobuf message in `bytes[begin, end)`. Numbers are doubles: exact up to 2⁵³, which
 * holds every OSM id and coordinate.
 */
export class ProtoReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;
  wireType = 0;

  constructor(bytes: Uint8Array, begin = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = begin;
    this.end = end;
  }

  /** The next field's number, or 0 at the end of the message. */
  nextField(): number {
    if (this.position >= this.end) return 0;
    const key = this.varint();
    this.wireType = key & 7;
    return key >>> 3;
  }

  /** An unsigned (or non-negative) varint. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.position++];
    let value = byte & 0x7f;
    let scale = 128;
    for (let i = 1; byte >= 0x80; i++) {
      if (i === LAST_BYTE) throw new MalformedProtobuf('a number is longer than 10 bytes');
      byte = bytes[this.position++];
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    if (this.position > this.end) throw new MalformedProtobuf('a number runs past the end of its message');
    return value;
  }

  /** An int64 varint: two's complement when negative. */
  int64(): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (shift === 7 * LAST_BYTE) throw new MalformedProtobuf('a number is longer than 10 bytes');
      byte = bytes[this.position++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else high |= bits << (shift - 32);
    }
    if (this.position > this.end) throw new MalformedProtobuf('a number runs past the end of its message');
    return (high | 0) * TWO_32 + (low >>> 0);
  }

  /** A zigzag (sint64) varint. */
  sint64(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Enters a length-delimited field: returns its end and leaves `position` at its first byte. */
  enter(): number {
    if (this.wireType !== 2) throw new MalformedProtobuf(`a field has wire type ${this.wireType}, not 2`);
    const length = this.varint();
    const end = this.position + length;
    if (end > this.end) throw new MalformedProtobuf('a field runs past the end of its message');
    return end;
  }

  /** Enters a length-delimited field as a message of its own and moves past it. */
  message(): ProtoReader {
    const end = this.enter();
    const reader = new ProtoReader(this.bytes, this.position, end);
    this.position = end;
    return reader;
  }

  skip(): void {
    if (this.wireType === 0) this.int64();
    else if (this.wireType === 1) this.position += 8;
    else if (this.wireType === 2) this.position = this.enter();
    else if (this.wireType === 5) this.position += 4;
    else throw new MalformedProtobuf(`unknown wire type ${this.wireType}`);
    if (this.position > this.end) throw new MalformedProtobuf('a field runs past the end of its message');
  }
}

/** How many varints lie in `bytes[begin, end)`. */
export function countVarints(bytes: Uint8Array, begin: number, end: number): number {
  let count = 0;
  for (let i = begin; i < end; i++) if (bytes[i] < 0x80) count++;
  return count;
}

/**
 * Decodes packed, delta-coded sint64 values of `bytes[begin, end)` to running sums in `out` and returns their
 * count. `out` must hold one value per varint.
 */
export function readDeltas(bytes: Uint8Array, begin: number, end: number, out: Float64Array): number {
  let position = begin;
  let count = 0;
  let sum = 0;
  while (position < end) {
    let byte = bytes[position++];
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[position++];
      value |= (byte & 0x7f) << 7;
      if (byte >= 0x80) {
        byte = bytes[position++];
        value |= (byte & 0x7f) << 14;
        if (byte >= 0x80) {
          byte = bytes[position++];
          value |= (byte & 0x7f) << 21;
          if (byte >= 0x80) {
            let scale = TWO_28;
            for (let i = 4; byte >= 0x80; i++) {
              if (i === LAST_BYTE) throw new MalformedProtobuf('a number is longer than 10 bytes');
              byte = bytes[position++];
              value += (byte & 0x7f) * scale;
              scale *= 128;
            }
            sum += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
            out[count++] = sum;
            continue;
          }
        }
      }
    }
    sum += (value >>> 1) ^ -(value & 1);
    out[count++] = sum;
  }
  if (position !== end) throw new MalformedProtobuf('a number runs past the end of its field');
  return count;
}

/** Decodes packed unsigned varints (string indices, counts) below 2³². */
export function readVarints(bytes: Uint8Array, begin: number, end: number): Uint32Array {
  const out = new Uint32Array(countVarints(bytes, begin, end));
  const reader = new ProtoReader(bytes, begin, end);
  for (let i = 0; i < out.length; i++) out[i] = reader.varint();
  if (reader.position !== end) throw new MalformedProtobuf('a number runs past the end of its field');
  return out;
}
