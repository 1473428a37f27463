import { EtalonError, type Random } from '../../base/index.ts';
import { AliasTables } from './alias.ts';
import { drawByWeight } from './drawByWeight.ts';
import type { KnownPairs } from './knownPairs.ts';

/** Draws of known positives after which the item is drawn from all that are left. */
const VAIN_DRAWS = 32;

/**
 * counts^α, the weights of negatives by popularity: α = 1 draws items as often as they occur, 0 all alike; 0.75 is the choice of
 * word2vec (Mikolov et al. 2013, § 2.2). Items that never occur are never drawn, unless α is 0.
 */
export function popularityWeights(counts: ArrayLike<number>, alpha: number): Float32Array {
  return Float32Array.from(counts, (count) => count ** alpha);
}

/**
 * Draws items that a row is not known to go with, by one distribution over all items: O(1) a draw. Items are put back, so a row
 * may get one twice, as sampled losses take for granted.
 */
export class NegativeSampler {
  /** [items] */
  readonly #weights: Float32Array;
  /** Items of a weight above 0. */
  readonly #items: Int32Array;
  /** Over those; null where they weigh the same. */
  readonly #tables: AliasTables | null;
  readonly #totalWeight: number;

  /** @param items number of items, drawn uniformly, or the weight ≥ 0 of each (see {@link popularityWeights}). */
  constructor(items: number | Float32Array) {
    this.#weights = typeof items === 'number' ? new Float32Array(items).fill(1) : items;
    this.#items = Int32Array.from(this.#weights.keys()).filter((item) => this.#weights[item] > 0);
    if (this.#items.length === 0)
      throw new EtalonError('internal', 'internal: there are no items to draw from');
    const weights = Float32Array.from(this.#items, (item) => this.#weights[item]);
    this.#tables =
      typeof items === 'number' ? null : new AliasTables(Uint32Array.of(0, weights.length), weights);
    this.#totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** [count] items for a whole batch to share; some may be known positives of its rows. */
  draw(count: number, random: Random): Int32Array {
    const drawn = new Int32Array(count);
    for (let i = 0; i < count; i++) drawn[i] = this.#drawOne(random);
    return drawn;
  }

  /**
   * [rows · perRow] row after row, items that are no known positives of their row, by the same distribution restricted to them.
   * Throws `input` for a row that goes with every item.
   */
  drawFor(rows: Int32Array, perRow: number, known: KnownPairs, random: Random): Int32Array {
    const drawn = new Int32Array(rows.length * perRow);
    for (let i = 0; i < drawn.length; i++) {
      const row = rows[Math.floor(i / perRow)];
      let item = this.#drawOne(random);
      for (let vain = 1; known.has(row, item) && vain < VAIN_DRAWS; vain++) item = this.#drawOne(random);
      drawn[i] = known.has(row, item) ? this.#drawFromRest(row, known, random) : item;
    }
    return drawn;
  }

  /** log q of each item, the chance that one draw gives it: what the log-Q correction of a sampled softmax subtracts. */
  logProbabilities(items: Int32Array): Float32Array {
    return Float32Array.from(items, (item) => Math.log(this.#weights[item] / this.#totalWeight));
  }

  #drawOne(random: Random): number {
    const count = this.#items.length;
    return this.#items[this.#tables ? this.#tables.draw(0, count, random) : random.int(count)];
  }

  #drawFromRest(row: number, known: KnownPairs, random: Random): number {
    const rest = this.#items.filter((item) => !known.has(row, item));
    if (rest.length === 0)
      throw new EtalonError('input', `Row ${row} goes with every item: it has no negatives.`, {
        remedy: 'Leave the row out of training, or add items.',
      });
    return drawByWeight(rest, (item) => this.#weights[item], random);
  }
}

/**
 * [rows, rows] for losses whose negatives are the batch's other items: 1 where item j is no negative of row i after all, being
 * its own item once more or another known positive of it; 0 elsewhere, and for a row's own pair.
 */
export function accidentalHits(rows: Int32Array, items: Int32Array, known: KnownPairs): Float32Array {
  const hits = new Float32Array(rows.length ** 2);
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < rows.length; j++)
      if (i !== j && (items[j] === items[i] || known.has(rows[i], items[j]))) hits[i * rows.length + j] = 1;
  return hits;
}

/**
 * Hard negatives of one row (PinSage, § 3.3: ranks 2,000 to 5,000 by personalised PageRank): different items of the ranks
 * `from` ≤ rank < `to`, counted from 0, that are no known positives of it, all equally likely. Fewer than `count` where
 * the ranking or its known positives leave no more.
 */
export function hardNegatives(
  ranking: Int32Array,
  {
    row,
    from,
    to,
    count,
    known,
  }: { row: number; from: number; to: number; count: number; known: KnownPairs },
  random: Random,
): Int32Array {
  const candidates = ranking.subarray(from, to).filter((item) => !known.has(row, item));
  const drawn = Math.min(count, candidates.length);
  for (let i = 0; i < drawn; i++) {
    const other = i + random.int(candidates.length - i);
    [candidates[i], candidates[other]] = [candidates[other], candidates[i]];
  }
  return candidates.slice(0, drawn);
}
