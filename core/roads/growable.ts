type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Float32Array;

/** A typed array that grows as values are pushed. */
export class Growable<A extends Column> {
  #values: A;
  #length = 0;
  readonly #create: new (
    length: number,
  ) => A;

  constructor(create: new (length: number) => A, capacity = 1024) {
    this.#create = create;
    this.#values = new create(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#reserve(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    this.#reserve(this.#length + values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  at(index: number): number {
    return this.#values[index];
  }

  /** The values so far; a view that a later push may leave behind. */
  view(): A {
    return this.#values.subarray(0, this.#length) as A;
  }

  /** The values in an array of exactly their length. */
  toArray(): A {
    return this.#values.slice(0, this.#length) as A;
  }

  #reserve(length: number): void {
    if (length <= this.#values.length) return;
    const grown = new this.#create(Math.max(length, this.#values.length * 2));
    grown.set(this.#values.subarray(0, this.#length));
    this.#values = grown;
  }
}
