import { type Csr, csrOf } from './graph.ts';
import { Numbering } from './sampling/stamps.ts';

/** Nodes by how many edges away they are. */
export class Rings {
  readonly #neighbours: Csr;
  readonly #met: Numbering;

  /** @param neighbours those of each node, by its row. */
  constructor(neighbours: Csr) {
    this.#neighbours = neighbours;
    this.#met = new Numbering(neighbours.offsets.length - 1);
  }

  /** The nodes that are `hops` edges away and no fewer, ascending: friends of friends who are no friends, for 2. */
  at(node: number, hops: number): Int32Array {
    const met = this.#met;
    const { offsets, entries } = this.#neighbours;
    met.restart();
    met.numberOf(node);
    let [begin, end] = [0, 1];
    for (let hop = 0; hop < hops; hop++) {
      for (let at = begin; at < end; at++) {
        const from = met.nodeAt(at);
        for (let i = offsets[from]; i < offsets[from + 1]; i++) met.numberOf(entries[i]);
      }
      [begin, end] = [end, met.count];
    }
    return Int32Array.from({ length: end - begin }, (_, i) => met.nodeAt(begin + i)).sort();
  }
}

/** By row: the nodes that are `hops` edges away and no fewer, ascending. */
export function ringsOf(neighbours: Csr, hops: number): Csr {
  const rings = new Rings(neighbours);
  return csrOf(Array.from({ length: neighbours.offsets.length - 1 }, (_, row) => rings.at(row, hops)));
}
