import { EtalonError } from '../../base/index.ts';

/** Where the relevant items of one user stand. */
export interface UserRanks {
  /** Ascending: places from 1 of the relevant items among all candidates, */
  readonly ranks: Float64Array;
  /** and which items they are, in that order. */
  readonly items: Int32Array;
  /** Best first, at most as many as asked for. */
  readonly top: Int32Array;
  /** Chance that a relevant item has the higher score than one that is not, ½ for equal ones; NaN where all are relevant. */
  readonly auc: number;
}

/**
 * Ranks the candidates of one user by score. The rule for ties: equal scores are in the order of `tieOrder`, one random order of all
 * items for a whole evaluation, so that neither an item's number nor its popularity is of use. Time: O(items · log relevant).
 */
export class Ranker {
  /** [items] place of each in the order for ties. */
  readonly #tieOrder: Int32Array;
  readonly #top: TopItems;

  constructor(tieOrder: Int32Array, depth: number) {
    this.#tieOrder = tieOrder;
    this.#top = new TopItems(depth, (a, b, scores) => this.#isBefore(a, b, scores));
  }

  /**
   * @param scores [items] @param relevant items, ascending, all of them candidates
   * @param candidates items that are ranked, each once
   * Throws `internal` for a score that is not a number.
   */
  rank(scores: Float32Array, relevant: Int32Array, candidates: Int32Array): UserRanks {
    const sorted = relevant.slice().sort((a, b) => (this.#isBefore(a, b, scores) ? -1 : 1));
    const count = sorted.length;
    const isRelevant = new Set(relevant);
    // Of other items: how many stand before the i-th relevant one and after the one before it, and how many equal it.
    const before = new Float64Array(count + 1);
    const equalFrom = new Float64Array(count + 1);
    const above = new Float64Array(count + 1);
    this.#top.clear();
    for (const item of candidates) {
      const score = scores[item];
      if (Number.isNaN(score))
        throw new EtalonError('internal', `internal: the score of item ${item} is not a number`);
      this.#top.offer(item, scores);
      if (isRelevant.has(item)) continue;
      if (score < scores[sorted[count - 1]]) continue;
      before[lowerBound(count, (i) => this.#isBefore(item, sorted[i], scores))]++;
      const firstEqual = lowerBound(count, (i) => scores[sorted[i]] <= score);
      const firstLower = lowerBound(count, (i) => scores[sorted[i]] < score);
      equalFrom[firstEqual]++;
      equalFrom[firstLower]--;
      above[firstLower]++;
    }
    const others = candidates.length - count;
    const ranks = new Float64Array(count);
    let ahead = 0;
    let [higher, equal, lost] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      ahead += before[i];
      ranks[i] = ahead + i + 1;
      higher += above[i];
      equal += equalFrom[i];
      lost += higher + equal / 2;
    }
    const auc = others === 0 ? Number.NaN : 1 - lost / (others * count);
    return { ranks, items: sorted, top: this.#top.sorted(scores), auc };
  }

  #isBefore(a: number, b: number, scores: Float32Array): boolean {
    return scores[a] > scores[b] || (scores[a] === scores[b] && this.#tieOrder[a] < this.#tieOrder[b]);
  }
}

/** The smallest i < count for which `holds` is true, count where it never is; it must stay true from there on. */
function lowerBound(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

type IsBefore = (a: number, b: number, scores: Float32Array) => boolean;

/** The best of many, in a heap whose first is the worst that is kept. */
class TopItems {
  readonly #items: Int32Array;
  readonly #isBefore: IsBefore;
  #length = 0;

  constructor(depth: number, isBefore: IsBefore) {
    this.#items = new Int32Array(depth);
    this.#isBefore = isBefore;
  }

  clear(): void {
    this.#length = 0;
  }

  offer(item: number, scores: Float32Array): void {
    const items = this.#items;
    if (this.#length < items.length) {
      items[this.#length++] = item;
      this.#rise(this.#length - 1, scores);
    } else if (this.#isBefore(item, items[0], scores)) {
      items[0] = item;
      this.#sink(scores);
    }
  }

  sorted(scores: Float32Array): Int32Array {
    return this.#items.slice(0, this.#length).sort((a, b) => (this.#isBefore(a, b, scores) ? -1 : 1));
  }

  #rise(at: number, scores: Float32Array): void {
    const items = this.#items;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(items[parent], items[at], scores)) return;
      [items[parent], items[at]] = [items[at], items[parent]];
      at = parent;
    }
  }

  #sink(scores: Float32Array): void {
    const items = this.#items;
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#length && this.#isBefore(items[worst], items[child], scores)) worst = child;
      if (worst === at) return;
      [items[worst], items[at]] = [items[at], items[worst]];
      at = worst;
    }
  }
}
