import { randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { KnownPairs, type MessageFlow, NegativeSampler, NeighbourSampler } from '@etalon/core/graph';
import { flowFeed, ShuffledEpochs } from '@etalon/core/train';
import { type FoodGraph, featureFeed, type OrderGraph, sharesOf } from './graph.ts';
import type { FoodSettings } from './settings.ts';

/** Order of the pairs; of no consequence for how many batches they make. */
const ANY_SEED = 0;

/**
 * Pairs of both graphs in a new order each epoch: each with items of its graph that the user never ordered and one that the user ordered less,
 * and the neighbourhoods of all, sampled by the weights of edges. The pairs of a batch are left out of the messages: what is asked must
 * not be told.
 */
export class OrderBatches {
  readonly #graph: FoodGraph;
  readonly #settings: FoodSettings;
  readonly #sampler: NeighbourSampler;
  readonly #parts: readonly GraphPairs[];
  /** Pairs of users who have not ordered everything, counted through both graphs. */
  readonly usable: Int32Array;

  constructor(graph: FoodGraph, settings: FoodSettings) {
    this.#graph = graph;
    this.#settings = settings;
    this.#sampler = new NeighbourSampler(
      graph.adjacency,
      new Array<number>(settings.layers).fill(settings.fanout),
    );
    let first = 0;
    this.#parts = graph.graphs.map((part) => {
      const pairs = new GraphPairs(part, first);
      first += part.user.length;
      return pairs;
    });
    this.usable = Int32Array.from(this.#parts.flatMap((part) => part.usable()));
  }

  get perEpoch(): number {
    return this.#epochs(ANY_SEED).batchesPerEpoch;
  }

  *epoch({ seed, epoch }: { seed: number; epoch: number }): Generator<Feed> {
    const epochs = this.#epochs(seed);
    for (let at = 0; at < epochs.batchesPerEpoch; at++) {
      const number = epoch * epochs.batchesPerEpoch + at;
      yield this.batch(epochs.batch(number), number, seed).feed;
    }
  }

  #epochs(seed: number): ShuffledEpochs {
    return new ShuffledEpochs(this.usable, this.#settings.batchPairs, seed);
  }

  /** What is asked of chosen pairs, with the graph around it. */
  batch(chosen: Int32Array, number: number, seed: number): { flow: MessageFlow; feed: Feed } {
    const random = randomStream(seed, 1, number);
    const { negatives } = this.#settings;
    const ends = Array.from(chosen, (pair) => {
      const part = this.#parts.find((own) => own.holds(pair))!;
      const { user, positive } = part.ends(pair);
      return {
        user,
        positive,
        negatives: part.negatives(pair, negatives, random),
        lowRank: part.lowRank(pair, random),
      };
    });
    const nodes: Record<string, number[]> = {
      user: ends.map(({ user }) => user),
      positive: ends.map(({ positive }) => positive),
      // Without one the positive itself, whose weight is 0.
      lowRank0: ends.map(({ lowRank, positive }) => lowRank ?? positive),
      ...Object.fromEntries(
        Array.from({ length: negatives }, (_, k) => [`negative${k}`, ends.map((each) => each.negatives[k])]),
      ),
    };
    const flow = this.#sampler.sample(Int32Array.from(Object.values(nodes).flat()), random);
    const seedsOf = (at: number) => flow.seedRows.slice(at * chosen.length, (at + 1) * chosen.length);
    const feed = {
      ...this.#flowFeed(flow, new Set(chosen)),
      ...Object.fromEntries(Object.keys(nodes).map((name, at) => [name, seedsOf(at)])),
      hasLowRank: Float32Array.from(ends, ({ lowRank }) => Number(lowRank !== null)),
    };
    return { flow, feed };
  }

  #flowFeed({ blocks, nodes }: MessageFlow, asked: ReadonlySet<number>): Feed {
    const { adjacency, pairs, kinds } = this.#graph;
    const shares = blocks.map(({ entries, receivers, targetCount }, layer) => {
      const weights = Float32Array.from(entries, (entry) =>
        asked.has(adjacency.edges[entry] % pairs) ? 0 : adjacency.weights![entry],
      );
      return [`share${layer}`, sharesOf(weights, receivers, targetCount)];
    });
    return { ...flowFeed(blocks), ...Object.fromEntries(shares), ...featureFeed(kinds, nodes) };
  }
}

/** The pairs of one graph, numbered from `first` on. */
class GraphPairs {
  readonly #graph: OrderGraph;
  readonly #first: number;
  readonly #known: KnownPairs;
  readonly #sampler: NegativeSampler;
  /** [pairs] of a user's pairs those of least weight first, */
  readonly #ranked: Int32Array;
  /** and where a user's begin, by pair, and how many of them weigh less than it. */
  readonly #begin: Int32Array;
  readonly #lower: Int32Array;

  constructor(graph: OrderGraph, first: number) {
    const { user, item, weight, users, items } = graph;
    this.#graph = graph;
    this.#first = first;
    this.#known = new KnownPairs(users.count, user, item);
    this.#sampler = new NegativeSampler(items.count);
    this.#ranked = Int32Array.from(user.keys()).sort(
      (a, b) => user[a] - user[b] || weight[a] - weight[b] || a - b,
    );
    this.#begin = new Int32Array(user.length);
    this.#lower = new Int32Array(user.length);
    this.#ranked.forEach((pair, place) => {
      const before = this.#ranked[place - 1];
      const isSameUser = place > 0 && user[before] === user[pair];
      this.#begin[pair] = isSameUser ? this.#begin[before] : place;
      const isSameWeight = isSameUser && weight[before] === weight[pair];
      this.#lower[pair] = isSameWeight ? this.#lower[before] : place - this.#begin[pair];
    });
  }

  holds(pair: number): boolean {
    return pair >= this.#first && pair < this.#first + this.#graph.user.length;
  }

  usable(): number[] {
    const { user, users, items } = this.#graph;
    const ordered = new Uint32Array(users.count);
    for (const row of user) ordered[row]++;
    return Array.from(user.keys())
      .filter((pair) => ordered[user[pair]] < items.count)
      .map((pair) => this.#first + pair);
  }

  /** As nodes. */
  ends(pair: number): { user: number; positive: number } {
    const { user, item, users, items } = this.#graph;
    const own = pair - this.#first;
    return { user: users.first + user[own], positive: items.first + item[own] };
  }

  negatives(pair: number, count: number, random: ReturnType<typeof randomStream>): Int32Array {
    const { user, items } = this.#graph;
    const rows = this.#sampler.drawFor(Int32Array.of(user[pair - this.#first]), count, this.#known, random);
    return rows.map((row) => items.first + row);
  }

  /** Something that the user ordered less; null where this is what was ordered least. */
  lowRank(pair: number, random: ReturnType<typeof randomStream>): number | null {
    const own = pair - this.#first;
    if (this.#lower[own] === 0) return null;
    const less = this.#ranked[this.#begin[own] + random.int(this.#lower[own])];
    return this.#graph.items.first + this.#graph.item[less];
  }
}
