import { EtalonError } from '../../base/index.ts';

/** One array of every batch. */
export interface BatchField {
  readonly name: string;
  readonly type: 'f32' | 'i32';
  /** The most values that it may have in a batch. */
  readonly capacity: number;
}

/** What threads need to work on one ring: given from one to the other, the memory is shared. */
export interface RingHandle {
  readonly buffer: SharedArrayBuffer;
  readonly fields: readonly BatchField[];
  readonly slots: number;
  /** Batches first … end − 1 go through the ring, in this order. */
  readonly first: number;
  readonly end: number;
}

const WORD = 4;
const LINE = 64;
/** The ticket counter stands before the states of the slots. */
const TICKET = 0;
const STATES = 1;
const CLOSED = -1;
/** Before the lengths of a slot's arrays stands whether its batch could be made (0) or not. */
const STATUS = 0;
const LENGTHS = 1;
const FAILED = 1;

const aligned = (bytes: number) => Math.ceil(bytes / LINE) * LINE;

/** Memory for `slots` batches of at most the given sizes. */
export function createRing(layout: Omit<RingHandle, 'buffer'>): RingHandle {
  const { fields, slots } = layout;
  return { ...layout, buffer: new SharedArrayBuffer(controlBytes(slots) + slots * slotBytes(fields)) };
}

function controlBytes(slots: number): number {
  return aligned((STATES + slots) * WORD);
}

function headerBytes(fields: readonly BatchField[]): number {
  return aligned((LENGTHS + fields.length) * WORD);
}

function slotBytes(fields: readonly BatchField[]): number {
  const values = fields.reduce((sum, { capacity }) => sum + aligned(capacity * WORD), 0);
  return headerBytes(fields) + values;
}

/**
 * A queue of batches in shared memory. Batch i, counted from the first, goes through slot i mod slots in round ⌊i / slots⌋. The state
 * of a slot is 2 · round while it is free for that round and 2 · round + 1 while it is full, so a producer and the consumer each
 * wait for one value; −1 ends all waiting. Producers take the numbers of batches from one counter, so however many there are, every
 * batch is made once, and the consumer sees them in order.
 */
export class Ring {
  readonly #handle: RingHandle;
  readonly #control: Int32Array;

  constructor(handle: RingHandle) {
    this.#handle = handle;
    this.#control = new Int32Array(handle.buffer, 0, STATES + handle.slots);
  }

  /** For a producer: the next batch to make; −1 when all are taken. */
  takeTicket(): number {
    const { first, end } = this.#handle;
    const batch = first + Atomics.add(this.#control, TICKET, 1);
    return batch < end ? batch : -1;
  }

  /** For a producer: blocks until the batch's slot is free, and says whether it is (else the ring was closed). */
  waitUntilFree(batch: number): boolean {
    const { at, free } = this.#place(batch);
    for (;;) {
      const state = Atomics.load(this.#control, at);
      if (state === free) return true;
      if (state === CLOSED) return false;
      Atomics.wait(this.#control, at, state);
    }
  }

  /** For a producer: hands a filled slot over. */
  publish(batch: number): void {
    const { at, free } = this.#place(batch);
    Atomics.compareExchange(this.#control, at, free, free + 1);
    Atomics.notify(this.#control, at);
  }

  /** For the consumer: waits until the batch is there, and says whether it is (else the ring was closed). */
  async waitUntilFull(batch: number): Promise<boolean> {
    const { at, free } = this.#place(batch);
    for (;;) {
      const state = Atomics.load(this.#control, at);
      if (state === free + 1) return true;
      if (state === CLOSED) return false;
      const waiting = Atomics.waitAsync(this.#control, at, state);
      if (waiting.async) await waiting.value;
    }
  }

  /** For the consumer: gives a slot back. Its views must not be read after that. */
  release(batch: number): void {
    const { at, free } = this.#place(batch);
    Atomics.compareExchange(this.#control, at, free + 1, free + 2);
    Atomics.notify(this.#control, at);
  }

  /** Ends all waiting on both sides, for good. */
  close(): void {
    for (let at = STATES; at < STATES + this.#handle.slots; at++) {
      Atomics.store(this.#control, at, CLOSED);
      Atomics.notify(this.#control, at);
    }
  }

  slot(batch: number): BatchSlot {
    const { buffer, fields, slots, first } = this.#handle;
    return new BatchSlot(buffer, controlBytes(slots) + ((batch - first) % slots) * slotBytes(fields), fields);
  }

  #place(batch: number): { at: number; free: number } {
    const { slots, first } = this.#handle;
    const turn = batch - first;
    return { at: STATES + (turn % slots), free: 2 * Math.floor(turn / slots) };
  }
}

/** The arrays of one batch in the ring's memory. */
export class BatchSlot {
  readonly #buffer: SharedArrayBuffer;
  readonly #fields: readonly BatchField[];
  readonly #header: Int32Array;
  readonly #offsets: readonly number[];

  constructor(buffer: SharedArrayBuffer, offset: number, fields: readonly BatchField[]) {
    this.#buffer = buffer;
    this.#fields = fields;
    this.#header = new Int32Array(buffer, offset, LENGTHS + fields.length);
    let end = offset + headerBytes(fields);
    this.#offsets = fields.map(({ capacity }) => {
      const begin = end;
      end += aligned(capacity * WORD);
      return begin;
    });
  }

  /** Makes all arrays empty. */
  clear(): void {
    this.#header.fill(0);
  }

  /** An array of the batch to be filled where the consumer reads it; it may hold anything before. Throws `internal` where it does not fit. */
  float32(name: string, length: number): Float32Array {
    return this.#reserve(name, 'f32', length) as Float32Array;
  }

  int32(name: string, length: number): Int32Array {
    return this.#reserve(name, 'i32', length) as Int32Array;
  }

  markFailed(): void {
    this.#header[STATUS] = FAILED;
  }

  get failed(): boolean {
    return this.#header[STATUS] === FAILED;
  }

  /**
   * The batch as a feed. Floats are views of the ring's memory; indices are copies, because devices keep what they derive from an
   * index array for as long as the array itself, and the slot will hold others.
   */
  feed(): Record<string, Float32Array | Int32Array> {
    return Object.fromEntries(
      this.#fields.map(({ name, type }, i) => {
        const values = this.#values(i);
        return [name, type === 'i32' ? values.slice() : values];
      }),
    );
  }

  #reserve(name: string, type: BatchField['type'], length: number): Float32Array | Int32Array {
    const i = this.#fields.findIndex((field) => field.name === name && field.type === type);
    if (i < 0) throw new EtalonError('internal', `internal: batches have no ${type} array "${name}"`);
    const { capacity } = this.#fields[i];
    if (length > capacity)
      throw new EtalonError(
        'internal',
        `internal: "${name}" takes up to ${capacity} values, a batch has ${length}`,
      );
    this.#header[LENGTHS + i] = length;
    return this.#values(i);
  }

  #values(i: number): Float32Array | Int32Array {
    const offset = this.#offsets[i];
    const length = this.#header[LENGTHS + i];
    return this.#fields[i].type === 'f32'
      ? new Float32Array(this.#buffer, offset, length)
      : new Int32Array(this.#buffer, offset, length);
  }
}
