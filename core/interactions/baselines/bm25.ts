import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { featureText } from '../features.ts';
import { rowOf } from '../pairs.ts';
import { tally, wordsOf } from '../text/index.ts';
import { knownEdges, scorerByUser } from './pairScorer.ts';

/** As Robertson & Zaragoza 2009 recommend. */
const K1 = 1.2;
const B = 0.75;

/**
 * An inverted index of documents, scored by BM25 (Robertson & Zaragoza 2009, eq. 3.15):
 *   score(d, q) = Σ_t q_t · ln(1 + (N − n_t + ½) / (n_t + ½)) · f_td (k₁ + 1) / (f_td + k₁ (1 − b + b |d| / mean |d|))
 * with f_td the times that word t stands in d, n_t the documents that have it, q_t its weight in the query. The 1 inside of the
 * logarithm keeps words of more than half of the documents from counting against them.
 */
export class Bm25Index {
  readonly documents: number;
  readonly #postings = new Map<string, { document: number; times: number }[]>();
  readonly #lengthFactor: Float64Array;

  constructor(texts: readonly string[]) {
    this.documents = texts.length;
    const lengths = texts.map((text, document) => {
      const words = wordsOf(text);
      for (const [word, times] of tally(words)) {
        const postings = this.#postings.get(word) ?? [];
        postings.push({ document, times });
        this.#postings.set(word, postings);
      }
      return words.length;
    });
    const mean = lengths.reduce((sum, length) => sum + length, 0) / texts.length;
    this.#lengthFactor = Float64Array.from(lengths, (length) => K1 * (1 - B + (B * length) / (mean || 1)));
  }

  /** Adds the scores of all documents for a query, words with their weights, to `scores` [documents]. */
  addScores(query: ReadonlyMap<string, number>, scores: Float32Array): void {
    for (const [word, weight] of query) {
      const postings = this.#postings.get(word);
      if (!postings) continue;
      const rarity = Math.log(1 + (this.documents - postings.length + 0.5) / (postings.length + 0.5));
      for (const { document, times } of postings)
        scores[document] += (weight * rarity * times * (K1 + 1)) / (times + this.#lengthFactor[document]);
    }
  }
}

/**
 * Items whose texts are like those of what a user goes with: the query is every word of them, by how often it stands there.
 * `features` are names of features of the items, of any kind.
 */
export function bm25(data: InteractionData, type: string, features: readonly string[]): Scorer {
  const { items, itemsOf } = knownEdges(data, type);
  const nodes = data.nodes(data.edges(type).to);
  const texts = nodes.ids.map((_, row) =>
    features.map((name) => featureText(nodes.features[name], row)).join(' '),
  );
  const index = new Bm25Index(texts);
  return scorerByUser(items, (user, scores) => {
    const words = Array.from(rowOf(itemsOf, user), (item) => wordsOf(texts[item])).flat();
    index.addScores(tally(words), scores);
  });
}
