const FIRST_SLOTS = 1 << 12;
/** The share of slots in use at which the table grows, and by how much. */
const FULL = 0.75;
const GROWTH = 1.5;

/** A set of 64-bit hashes, given as two halves: open addressing in one array, 11 to 16 bytes each. */
export class HashSet64 {
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #size = 0;
  /** Of 0, which marks a free slot. */
  #zero = false;

  get size(): number {
    return this.#size + (this.#zero ? 1 : 0);
  }

  /** False when it was there already. */
  add(high: number, low: number): boolean {
    if (high === 0 && low === 0) {
      const added = !this.#zero;
      this.#zero = true;
      return added;
    }
    if (!place(this.#slots, high, low)) return false;
    this.#size++;
    if (2 * this.#size > FULL * this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const slots = new Uint32Array(2 * Math.ceil((this.#slots.length / 2) * GROWTH));
    for (let i = 0; i < this.#slots.length; i += 2)
      if (this.#slots[i] !== 0 || this.#slots[i + 1] !== 0) place(slots, this.#slots[i], this.#slots[i + 1]);
    this.#slots = slots;
  }
}

/** Puts a hash into the first free slot from its own on; false when it is there. */
function place(slots: Uint32Array, high: number, low: number): boolean {
  const count = slots.length / 2;
  for (let slot = low % count; ; slot = slot + 1 < count ? slot + 1 : 0) {
    const at = 2 * slot;
    if (slots[at] === 0 && slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (slots[at] === high && slots[at + 1] === low) return false;
  }
}
