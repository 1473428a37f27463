import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { rowOf } from '../pairs.ts';
import { type KnownEdges, knownEdges, scorerByUser } from './pairScorer.ts';

export interface ItemKnnSettings {
  /** Most similar items that each item hands scores to. */
  neighbours: number;
  /** Added to the denominator of the cosine, so that two items that few users share are not taken for alike. */
  shrinkage: number;
}

/**
 * Item-based nearest neighbours (Deshpande & Karypis 2004) on who goes with what, without weights:
 *   s(i, j) = |U(i) ∩ U(j)| / (√|U(i)| √|U(j)| + shrinkage),  score(u, i) = Σ_{j ∈ I(u), i ∈ N(j)} s(i, j)
 * where N(j) are the `neighbours` items most similar to j, the lower number first where they are equally similar.
 */
export function itemKnn(data: InteractionData, type: string, settings: ItemKnnSettings): Scorer {
  const known = knownEdges(data, type);
  const similar = similarItems(known, settings);
  return scorerByUser(known.items, (user, scores) => {
    for (const own of rowOf(known.itemsOf, user)) {
      const { items, similarities } = similar[own];
      for (let i = 0; i < items.length; i++) scores[items[i]] += similarities[i];
    }
  });
}

interface SimilarItems {
  items: Int32Array;
  similarities: Float32Array;
}

/** Counts what items have in common over the users of each: time goes with the pairs that share a user. */
function similarItems(
  { items, itemsOf, usersOf }: KnownEdges,
  { neighbours, shrinkage }: ItemKnnSettings,
): SimilarItems[] {
  const degree = Int32Array.from({ length: items }, (_, item) => rowOf(usersOf, item).length);
  const shared = new Int32Array(items);
  const similarity = (item: number, other: number) =>
    shared[other] / (Math.sqrt(degree[item] * degree[other]) + shrinkage);
  return Array.from({ length: items }, (_, item) => {
    const touched: number[] = [];
    for (const user of rowOf(usersOf, item))
      for (const other of rowOf(itemsOf, user))
        if (other !== item && shared[other]++ === 0) touched.push(other);
    const found = touched.map((other) => ({ other, value: similarity(item, other) }));
    for (const other of touched) shared[other] = 0;
    found.sort((a, b) => b.value - a.value || a.other - b.other);
    const nearest = found.slice(0, neighbours);
    return {
      items: Int32Array.from(nearest, ({ other }) => other),
      similarities: Float32Array.from(nearest, ({ value }) => value),
    };
  });
}
