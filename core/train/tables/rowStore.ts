import { type RowStart, writeStartRow } from './startRow.ts';

/** Records stand in blocks of about this many bytes, which the system gives page by page as they are written. */
const BLOCK_BYTES = 64 * 2 ** 20;
/** Floats of a cache line. */
const LINE = 16;
/** Rows whose records are fetched at once, few enough to stay in the cache until they are used. */
export const FETCHED_ROWS = 32;

export interface RowStoreShape {
  readonly rows: number;
  readonly width: number;
  /** Floats of a record: a row's weights first, then whatever belongs to them. */
  readonly stride: number;
  readonly start: RowStart;
}

/** A store's memory, which other threads may read: all of it is shared, nothing is copied on the way. */
export interface RowStoreMemory extends RowStoreShape {
  /** Records of a block are 2^blockBits. */
  readonly blockBits: number;
  /** [rows, 2] of each row 1 + its slot (0 for a row that was never touched), and a number for whoever owns the store. */
  readonly directory: Int32Array;
  /** Records by slot: [2^blockBits, stride] each. */
  readonly blocks: readonly Float32Array[];
}

/**
 * Memory of a table that grows with the rows touched. A row has no record before its first touch: its values are
 * worked out from the seed. A record holds all that an update reads, and slots are given in the order of first
 * touches, since what costs time in a large table are trips to memory far away.
 */
export class RowStore implements RowStoreMemory {
  readonly rows: number;
  readonly width: number;
  readonly stride: number;
  readonly start: RowStart;
  readonly blockBits: number;
  readonly directory: Int32Array;
  readonly blocks: Float32Array[] = [];
  /** [rows] by slot: the row that a record belongs to, and the step of its last update, 0 before the first. */
  readonly rowOf: Int32Array;
  readonly lastStep: Int32Array;
  #count = 0;
  #fetched = 0;

  constructor({ rows, width, stride, start }: RowStoreShape) {
    this.rows = rows;
    this.width = width;
    this.stride = stride;
    this.start = start;
    this.blockBits = Math.max(0, Math.floor(Math.log2(BLOCK_BYTES / (4 * stride))));
    this.directory = new Int32Array(new SharedArrayBuffer(8 * rows));
    this.rowOf = new Int32Array(rows);
    this.lastStep = new Int32Array(rows);
  }

  /** Rows touched so far. */
  get count(): number {
    return this.#count;
  }

  /** The slot of a row, which gets one with its starting values when it has none. */
  slot(row: number): number {
    const known = this.directory[2 * row];
    return known === 0 ? this.#open(row) : known - 1;
  }

  #open(row: number): number {
    const slot = this.#count++;
    const at = recordAt(this, slot);
    if (at === 0) this.blocks.push(this.#newBlock(slot));
    writeStartRow(blockOf(this, slot), at, this.width, row, this.start);
    this.rowOf[slot] = row;
    this.directory[2 * row] = slot + 1;
    return slot;
  }

  #newBlock(first: number): Float32Array {
    const records = Math.min(2 ** this.blockBits, this.rows - first);
    return new Float32Array(new SharedArrayBuffer(4 * records * this.stride));
  }

  /**
   * Reads a value of each cache line of the first `floats` of some records and does nothing with it, so that the processor
   * fetches them all at once instead of waiting for one after another. Records need not begin where a line does.
   */
  fetchRecords(slots: Int32Array, from: number, to: number, floats: number): void {
    let sum = 0;
    for (let i = from; i < to; i++) {
      const block = blockOf(this, slots[i]);
      const at = recordAt(this, slots[i]);
      sum += this.lastStep[slots[i]] + block[at + floats - 1];
      for (let line = 0; line < floats; line += LINE) sum += block[at + line];
    }
    this.#fetched = sum;
  }

  /** The same for the directory's entries of some rows. */
  fetchEntries(rows: Int32Array): void {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum ^= this.directory[2 * rows[i]];
    this.#fetched = sum;
  }

  /** What was read last: without a use of it nothing would be read. */
  get fetched(): number {
    return this.#fetched;
  }
}

export function blockOf({ blocks, blockBits }: RowStoreMemory, slot: number): Float32Array {
  return blocks[slot >> blockBits];
}

/** Where a slot's record begins in its block. */
export function recordAt({ blockBits, stride }: RowStoreMemory, slot: number): number {
  return (slot & ((1 << blockBits) - 1)) * stride;
}

/**
 * Copies a row's weights to `target` at `at`. Rows that have no record in this memory have their starting values; one that
 * is being updated on another thread may be read half new.
 */
export function readWeights(memory: RowStoreMemory, row: number, target: Float32Array, at: number): void {
  const slot = memory.directory[2 * row] - 1;
  const block = slot < 0 ? undefined : blockOf(memory, slot);
  if (block) copyFloats(block, recordAt(memory, slot), target, at, memory.width);
  else writeStartRow(target, at, memory.width, row, memory.start);
}

/** A loop, since `set` of a `subarray` makes an object for each of thousands of short rows. */
export function copyFloats(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[to + i] = source[from + i];
}
