import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { rowOf } from '../pairs.ts';
import { knownEdges, scorerByUser } from './pairScorer.ts';

/** The same list for everyone: items by how many different users go with them. */
export function popularity(data: InteractionData, type: string): Scorer {
  const { items, usersOf } = knownEdges(data, type);
  const counts = Float32Array.from({ length: items }, (_, item) => rowOf(usersOf, item).length);
  return scorerByUser(items, (_, scores) => scores.set(counts));
}
