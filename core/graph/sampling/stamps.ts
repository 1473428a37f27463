const LAST_ROUND = 0x7fffffff;

/** A set of whole numbers below a bound that is emptied in O(1): a member bears the number of the current round. */
export class Stamps {
  readonly #rounds: Int32Array;
  #round = 1;

  constructor(bound: number) {
    this.#rounds = new Int32Array(bound);
  }

  clear(): void {
    if (this.#round === LAST_ROUND) {
      this.#rounds.fill(0);
      this.#round = 0;
    }
    this.#round++;
  }

  has(value: number): boolean {
    return this.#rounds[value] === this.#round;
  }

  /** Says whether the value is new. */
  add(value: number): boolean {
    if (this.#rounds[value] === this.#round) return false;
    this.#rounds[value] = this.#round;
    return true;
  }
}

/** Gives nodes numbers from 0 in the order in which they are first met. A new round costs O(1), not O(nodes). */
export class Numbering {
  readonly #met: Stamps;
  readonly #numbers: Int32Array;
  #nodes = new Int32Array(64);
  #count = 0;

  constructor(nodes: number) {
    this.#met = new Stamps(nodes);
    this.#numbers = new Int32Array(nodes);
  }

  get count(): number {
    return this.#count;
  }

  restart(): void {
    this.#met.clear();
    this.#count = 0;
  }

  numberOf(node: number): number {
    if (!this.#met.add(node)) return this.#numbers[node];
    if (this.#count === this.#nodes.length) {
      const longer = new Int32Array(2 * this.#nodes.length);
      longer.set(this.#nodes);
      this.#nodes = longer;
    }
    this.#nodes[this.#count] = node;
    this.#numbers[node] = this.#count;
    return this.#count++;
  }

  /** The node that has a number. */
  nodeAt(number: number): number {
    return this.#nodes[number];
  }

  /** [count] a copy: nodes by their numbers. */
  nodes(): Int32Array {
    return this.#nodes.slice(0, this.#count);
  }
}
