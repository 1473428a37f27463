import type { Feed } from '@etalon/core/device';
import { type Csr, groupBy } from '@etalon/core/graph';
import type { PartOfGraph } from '../recommend/system.ts';
import { rowsOf } from './features.ts';

/** Finds what of a snapshot the states of two users come from: with L layers all that lies within L steps of either. */
export class Surroundings {
  readonly #feed: Feed;
  readonly #layers: number;
  readonly #entering: Csr;

  constructor(feed: Feed, users: number, layers: number) {
    this.#feed = feed;
    this.#layers = layers;
    this.#entering = groupBy(feed.receivers, users);
  }

  of(user: number, item: number): PartOfGraph {
    const { offsets, entries } = this.#entering;
    const { senders, receivers, features, links, positions } = this.#feed;
    const rows = new Map<number, number>([[user, 0]]);
    const rowOf = (node: number) => rows.get(node) ?? rows.set(node, rows.size).size - 1;
    rowOf(item);
    const edges: number[] = [];
    let done = 0;
    for (let layer = 0; layer < this.#layers; layer++) {
      const reached = [...rows.keys()].slice(done);
      done = rows.size;
      for (const node of reached)
        for (const edge of entries.subarray(offsets[node], offsets[node + 1])) {
          rowOf(senders[edge]);
          edges.push(edge);
        }
    }
    const nodes = Int32Array.from(rows.keys());
    const kept = Int32Array.from(edges);
    const ofEdge = (ends: Feed[string]) => kept.map((edge) => rows.get(ends[edge])!);
    return {
      user: 0,
      item: rows.get(item)!,
      feed: {
        features: rowsOf(features as Float32Array, features.length / (offsets.length - 1), nodes),
        senders: ofEdge(senders),
        receivers: ofEdge(receivers),
        ...(positions && {
          positions: rowsOf(positions as Float32Array, positions.length / (offsets.length - 1), nodes),
        }),
        ...(links && { links: rowsOf(links as Float32Array, links.length / senders.length, kept) }),
      },
      // A message is told by whom it reaches: the user through a friend, or whoever may be one.
      edgeEnds(edge) {
        const [from, to] = [senders[kept[edge]], receivers[kept[edge]]];
        if (to === user) return { user, item: from };
        return to === item ? { user: from, item } : undefined;
      },
    };
  }
}
