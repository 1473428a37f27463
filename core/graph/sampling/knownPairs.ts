import { groupBy } from '../graph.ts';

/** Pairs that are true, such as who bought what, to ask whether one is among them in O(log degree). */
export class KnownPairs {
  readonly #offsets: Uint32Array;
  /** Ascending within each row. */
  readonly #columns: Int32Array;

  /** @param from [pairs] row 0 … rows − 1 of each pair. @param to [pairs] its column. */
  constructor(rows: number, from: Int32Array, to: Int32Array) {
    const { offsets, entries } = groupBy(from, rows);
    this.#offsets = offsets;
    this.#columns = entries.map((entry) => to[entry]);
    for (let row = 0; row < rows; row++) this.#columns.subarray(offsets[row], offsets[row + 1]).sort();
  }

  has(row: number, column: number): boolean {
    let low = this.#offsets[row];
    let high = this.#offsets[row + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#columns[middle] < column) low = middle + 1;
      else high = middle;
    }
    return low < this.#offsets[row + 1] && this.#columns[low] === column;
  }
}
