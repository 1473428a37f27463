import type { Random } from '../../base/index.ts';

/**
 * Walker's alias tables (Vose 1991), one for each row of weights: a draw in proportion to the weights takes O(1), whatever the
 * length of the row. 8 bytes for each weight.
 */
export class AliasTables {
  /** Of each entry: the share of its column that is its own, and the place in the row that owns the rest. */
  readonly #share: Float32Array;
  readonly #other: Int32Array;

  /** @param offsets [rows + 1] where each row's weights begin. @param weights positive. */
  constructor(offsets: Uint32Array, weights: Float32Array) {
    this.#share = new Float32Array(weights.length).fill(1);
    this.#other = new Int32Array(weights.length);
    let longest = 0;
    for (let row = 0; row + 1 < offsets.length; row++)
      longest = Math.max(longest, offsets[row + 1] - offsets[row]);
    const scaled = new Float64Array(longest);
    // Places with less than their share from the left, the others from the right.
    const places = new Int32Array(longest);
    for (let row = 0; row + 1 < offsets.length; row++)
      this.#fill(offsets[row], offsets[row + 1] - offsets[row], weights, scaled, places);
  }

  /** A place 0 … length − 1 in the row of `length` weights that begins at `begin`. */
  draw(begin: number, length: number, random: Random): number {
    const place = random.int(length);
    return random.uniform() < this.#share[begin + place] ? place : this.#other[begin + place];
  }

  #fill(
    begin: number,
    length: number,
    weights: Float32Array,
    scaled: Float64Array,
    places: Int32Array,
  ): void {
    let total = 0;
    for (let i = 0; i < length; i++) total += weights[begin + i];
    let small = 0;
    let large = length;
    for (let i = 0; i < length; i++) {
      scaled[i] = (weights[begin + i] * length) / total;
      if (scaled[i] < 1) places[small++] = i;
      else places[--large] = i;
    }
    while (small > 0 && large < length) {
      const poor = places[--small];
      const rich = places[large];
      this.#share[begin + poor] = scaled[poor];
      this.#other[begin + poor] = rich;
      scaled[rich] -= 1 - scaled[poor];
      if (scaled[rich] >= 1) continue;
      large++;
      places[small++] = rich;
    }
    // What is left over is 1 but for rounding; its share stays 1.
  }
}
