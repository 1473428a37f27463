import { randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { KnownPairs, NegativeSampler, popularityWeights } from '@etalon/core/graph';
import type { BipartiteGraph } from './graph.ts';
import type { WalkthroughSettings } from './settings.ts';

/** Pairs of a user and an item taken, in a new order each epoch, each with items that the user is not known to have taken. */
export class PairBatches {
  readonly #pairs: BipartiteGraph['pairs'];
  readonly #known: KnownPairs;
  readonly #sampler: NegativeSampler;
  /** Pairs of users who have not taken every item. */
  readonly #usable: Int32Array;

  constructor({ pairs, users, items }: BipartiteGraph, { negativesAlpha }: WalkthroughSettings) {
    this.#pairs = pairs;
    this.#known = new KnownPairs(users, pairs.user, pairs.item);
    const taken = new Uint32Array(users);
    const popularity = new Uint32Array(items);
    for (const user of pairs.user) taken[user]++;
    for (const item of pairs.item) popularity[item]++;
    this.#sampler = new NegativeSampler(
      negativesAlpha === 0 ? items : popularityWeights(popularity, negativesAlpha),
    );
    this.#usable = Int32Array.from(pairs.user.keys()).filter((pair) => taken[pairs.user[pair]] < items);
  }

  count(batchPairs: number): number {
    return Math.ceil(this.#usable.length / batchPairs);
  }

  *epoch(
    { batchPairs, negatives, loss }: WalkthroughSettings,
    { seed, epoch }: { seed: number; epoch: number },
  ): Generator<Feed> {
    const random = randomStream(seed, epoch);
    const order = random.shuffle(this.#usable.slice());
    const batches = this.count(batchPairs);
    for (let batch = 0; batch < batches; batch++) {
      // Batches of about the same size: a small last one would move the weights as far as a whole one.
      const [begin, end] = [batch, batch + 1].map((at) => Math.round((at * order.length) / batches));
      const chosen = order.subarray(begin, end);
      const user = chosen.map((pair) => this.#pairs.user[pair]);
      const drawn = Array.from({ length: loss === 'softmax' ? 0 : negatives }, (_, k) => [
        `negative${k}`,
        this.#sampler.drawFor(user, 1, this.#known, random),
      ]);
      yield {
        user,
        positive: chosen.map((pair) => this.#pairs.item[pair]),
        weight: Float32Array.from(chosen, (pair) => this.#pairs.weight[pair]),
        ...Object.fromEntries(drawn),
      };
    }
  }
}
