import type { Csr } from '../../graph/index.ts';
import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { pairsOf, transposed } from '../pairs.ts';

/** What a baseline learns from: who is known to go with what, each pair once, from either side. */
export interface KnownEdges {
  readonly users: number;
  readonly items: number;
  readonly itemsOf: Csr;
  readonly usersOf: Csr;
}

export function knownEdges(data: InteractionData, type: string): KnownEdges {
  const edges = data.edges(type);
  const users = data.nodes(edges.from).count;
  const items = data.nodes(edges.to).count;
  const itemsOf = pairsOf(edges, users);
  return { users, items, itemsOf, usersOf: transposed(itemsOf, items) };
}

/** A scorer that fills the zeroed row of one user after the other. */
export function scorerByUser(items: number, fill: (user: number, scores: Float32Array) => void): Scorer {
  return (users) => {
    const block = new Float32Array(users.length * items);
    users.forEach((user, i) => {
      fill(user, block.subarray(i * items, (i + 1) * items));
    });
    return block;
  };
}
