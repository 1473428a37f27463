/**
 * Rows in the order of their keys, as a binary heap in typed arrays; equal keys in the order of rows. `sign` 1 has the nearest on
 * top, −1 the farthest.
 */
class KeyHeap {
  size = 0;
  keys: Float64Array;
  rows: Int32Array;
  readonly #sign: 1 | -1;

  constructor(sign: 1 | -1, capacity: number) {
    this.#sign = sign;
    this.keys = new Float64Array(capacity);
    this.rows = new Int32Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  protected add(key: number, row: number): void {
    if (this.size === this.keys.length) this.#grow();
    this.#rise(this.size++, key, row);
  }

  protected removeTop(): void {
    this.size--;
    if (this.size > 0) this.#sink(0, this.size, this.keys[this.size], this.rows[this.size]);
  }

  protected replaceTop(key: number, row: number): void {
    this.#sink(0, this.size, key, row);
  }

  /** Sorts what is there with the top last, and empties the heap. */
  protected drain(): void {
    const { keys, rows } = this;
    for (let last = this.size - 1; last > 0; last--) {
      const key = keys[last];
      const row = rows[last];
      keys[last] = keys[0];
      rows[last] = rows[0];
      this.#sink(0, last, key, row);
    }
    this.size = 0;
  }

  #above(key: number, row: number, otherKey: number, otherRow: number): boolean {
    return this.#sign > 0
      ? key < otherKey || (key === otherKey && row < otherRow)
      : key > otherKey || (key === otherKey && row > otherRow);
  }

  #rise(from: number, key: number, row: number): void {
    const { keys, rows } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#above(key, row, keys[parent], rows[parent])) break;
      keys[at] = keys[parent];
      rows[at] = rows[parent];
      at = parent;
    }
    keys[at] = key;
    rows[at] = row;
  }

  #sink(from: number, size: number, key: number, row: number): void {
    const { keys, rows } = this;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#above(keys[child + 1], rows[child + 1], keys[child], rows[child]))
        child++;
      if (!this.#above(keys[child], rows[child], key, row)) break;
      keys[at] = keys[child];
      rows[at] = rows[child];
      at = child;
    }
    keys[at] = key;
    rows[at] = row;
  }

  #grow(): void {
    const { keys, rows } = this;
    this.keys = new Float64Array(2 * keys.length);
    this.rows = new Int32Array(2 * rows.length);
    this.keys.set(keys);
    this.rows.set(rows);
  }
}

/** The k nearest of all that were offered. */
export class NearestHeap extends KeyHeap {
  #limit: number;

  constructor(limit: number) {
    super(-1, Math.max(1, limit));
    this.#limit = limit;
  }

  /** Empties it and sets how many it is to keep. */
  reset(limit: number): void {
    this.#limit = limit;
    this.clear();
  }

  /** A key above this is not taken. */
  get bound(): number {
    return this.size < this.#limit ? Infinity : this.#limit === 0 ? -Infinity : this.keys[0];
  }

  offer(key: number, row: number): void {
    if (this.size < this.#limit) this.add(key, row);
    else if (key < this.bound || (key === this.bound && row < this.rows[0])) this.replaceTop(key, row);
  }

  /** What it keeps, the nearest first, and empties it. */
  take(): { rows: Int32Array; keys: Float64Array } {
    const { size } = this;
    this.drain();
    return { rows: this.rows.slice(0, size), keys: this.keys.slice(0, size) };
  }
}

/** Rows that are still to be visited, the nearest first. */
export class NearestQueue extends KeyHeap {
  constructor() {
    super(1, 256);
  }

  push(key: number, row: number): void {
    this.add(key, row);
  }

  pop(): void {
    this.removeTop();
  }
}
