/** Bits of {@link NodeTable.signals}: for which traffic the node's signals are, seen along its way. */
export const SIGNAL_FOR = { forward: 1, backward: 2, both: 3 } as const;

/** The nodes that the kept ways use, as columns sorted by id; nothing is held of any other node. */
export class NodeTable {
  readonly ids: Float64Array;
  /** Degrees; NaN until the node was met in the file. */
  readonly lons: Float64Array;
  readonly lats: Float64Array;
  /** Bits of {@link SIGNAL_FOR}. */
  readonly signals: Uint8Array;
  /** 1 where a barrier keeps cars from passing. */
  readonly barriers: Uint8Array;
  #cursor = 0;

  /** @param refs node ids in any order, with repetitions */
  constructor(refs: Float64Array) {
    this.ids = sortedUnique(refs);
    this.lons = new Float64Array(this.ids.length).fill(Number.NaN);
    this.lats = new Float64Array(this.ids.length).fill(Number.NaN);
    this.signals = new Uint8Array(this.ids.length);
    this.barriers = new Uint8Array(this.ids.length);
  }

  /** Position of an id, or −1. Ids asked for in ascending order are found in constant time each. */
  find(id: number): number {
    const { ids } = this;
    let at = this.#cursor;
    for (let i = 0; i < 4; i++, at++) {
      const here = ids[at];
      if (here === id) {
        this.#cursor = at;
        return at;
      }
      if (!(here < id)) break;
    }
    // Past the last smaller id: absent if the id before is smaller too.
    if ((at === ids.length || ids[at] > id) && (at === 0 || ids[at - 1] < id)) {
      this.#cursor = at;
      return -1;
    }
    this.#cursor = lowerBound(ids, id);
    return ids[this.#cursor] === id ? this.#cursor : -1;
  }
}

function sortedUnique(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++)
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  return sorted.slice(0, count);
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
