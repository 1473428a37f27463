type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Float32Array;

/** A typed array that grows as values are pushed. */
export class Growable<A extends Column> {
  #values: A;
  #length = 0;
  readonly #create: new (
    length: number,
  ) => A;

  constructor(create: new (length: number) => A) {
    this.#create = create;
    this.#values = new create(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.#values = grown(this.#create, this.#values, this.#length + 1);
    this.#values[this.#length++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    this.#values = grown(this.#create, this.#values, this.#length + values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  at(index: number): number {
    return this.#values[index];
  }

  /** Forgets the values and keeps the room for as many. */
  clear(): void {
    this.#length = 0;
  }

  /** The values so far; a view that a later push may leave behind. */
  view(): A {
    return this.#values.subarray(0, this.#length) as A;
  }

  /** The values in an array of exactly their length. */
  toArray(): A {
    return this.#values.slice(0, this.#length) as A;
  }
}

/** The same array where it holds `length` values, else a copy of at least twice its size. */
export function grown<A extends Column>(create: new (length: number) => A, values: A, length: number): A {
  if (length <= values.length) return values;
  const larger = new create(Math.max(length, values.length * 2));
  larger.set(values);
  return larger;
}
