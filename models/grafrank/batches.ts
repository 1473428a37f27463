import { Random, randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { KnownPairs, NegativeSampler, Rings } from '@etalon/core/graph';
import { DAY_S } from './features.ts';
import type { Snapshot, SocialHistory } from './history.ts';
import type { GrafrankSettings } from './settings.ts';

/** Friendships that are asked from no snapshot are left out of the network in so many parts in turn, and asked for. */
const PARTS = 8;
/** Who is in which part, whatever the seed of a run: networks without a part are kept from epoch to epoch. */
const PARTS_SEED = 1;

/** Edges that are asked for from one network: as it was, or as it is without them. */
interface Round {
  readonly edges: Int32Array;
  readonly network: () => Snapshot;
}

/**
 * Friendships, each asked for from both its ends, and users who did not become friends: anybody, or in the last epochs friends of friends, who
 * are hard to tell from friends. Friendships of the last days are asked from the network as it was before them. There are few of these: until the last
 * epochs all others are asked for too, from the network as it is without them.
 */
export class FriendshipBatches {
  readonly #history: SocialHistory;
  readonly #settings: GrafrankSettings;
  readonly #known: KnownPairs;
  readonly #sampler: NegativeSampler;
  /** Empty where times are not known. */
  readonly #recent: readonly Round[];
  readonly #others: readonly Round[];

  constructor(history: SocialHistory, settings: GrafrankSettings) {
    const { users, edges } = history;
    this.#history = history;
    this.#settings = settings;
    // Nobody is compared with themselves.
    const selves = [...Array(users).keys()];
    this.#known = new KnownPairs(
      users,
      Int32Array.from([...edges.fromRows, ...selves]),
      Int32Array.from([...edges.toRows, ...selves]),
    );
    this.#sampler = new NegativeSampler(users);
    this.#recent = history.isTimed ? recentRounds(history, settings) : [];
    const asksOthers = this.#recent.length === 0 || settings.past === 'yes';
    this.#others = asksOthers ? otherRounds(history, this.#recent) : [];
  }

  /** Of every epoch: the last ones ask for what is recent until they have as many. */
  get count(): number {
    return [...this.#recent, ...this.#others].reduce((sum, { edges }) => sum + this.#partsOf(edges), 0);
  }

  *epoch({ seed, epoch }: { seed: number; epoch: number }): Generator<Feed> {
    const random = randomStream(seed, epoch);
    const { epochs, hardEpochs, recentEpochs } = this.#settings;
    const isHard = epoch >= epochs - hardEpochs;
    const isRecent = epoch >= epochs - recentEpochs && this.#recent.length > 0;
    for (let left = this.count; left > 0; ) {
      const rounds = isRecent ? this.#recent : [...this.#recent, ...this.#others];
      for (const { edges, network } of random.shuffle([...rounds])) {
        const snapshot = network();
        const rings = isHard ? new Rings(snapshot.friends()) : undefined;
        const order = random.shuffle(edges.slice());
        const parts = this.#partsOf(edges);
        for (let part = 0; part < parts && left > 0; part++, left--) {
          const [begin, end] = [part, part + 1].map((at) => Math.round((at * order.length) / parts));
          yield { ...snapshot.feed, ...this.#triples(order.subarray(begin, end), rings, random) };
        }
      }
    }
  }

  #partsOf(edges: Int32Array): number {
    return Math.ceil(edges.length / this.#settings.batchPairs);
  }

  /** Who asks, the new friend, and somebody else, for each of the negatives of each edge. */
  #triples(edges: Int32Array, rings: Rings | undefined, random: Random): Feed {
    const { negatives } = this.#settings;
    const { fromRows, toRows } = this.#history.edges;
    const asking = edges.map((edge) => fromRows[edge]);
    const negative = this.#sampler.drawFor(asking, negatives, this.#known, random);
    if (rings)
      asking.forEach((user, i) => {
        const hard = rings.at(user, 2).filter((other) => !this.#known.has(user, other));
        if (hard.length > 0)
          for (let k = 0; k < negatives; k++) negative[i * negatives + k] = hard[random.int(hard.length)];
      });
    const repeated = (rows: Int32Array) => negative.map((_, i) => rows[Math.floor(i / negatives)]);
    return { user: repeated(asking), positive: repeated(edges.map((edge) => toRows[edge])), negative };
  }
}

/** Edges by the period in which they came about, of the last days that had something before them; periods end with the last day. */
function recentRounds(history: SocialHistory, { historyDays, snapshotDays }: GrafrankSettings): Round[] {
  const { timesS, count } = history.edges;
  const dayOf = (timeS: number) => Math.floor(timeS / DAY_S);
  const end = dayOf(history.nowS - 1) + 1;
  const first = Math.max(end - historyDays, dayOf(timesS![0]) + 1);
  const periods = new Map<number, number[]>();
  for (let edge = 0; edge < count; edge++) {
    const day = dayOf(timesS![edge]);
    if (!(day >= first)) continue;
    const begin = Math.max(first, end - snapshotDays * Math.ceil((end - day) / snapshotDays));
    const own = periods.get(begin) ?? [];
    own.push(edge);
    periods.set(begin, own);
  }
  return [...periods].map(([day, own]) => ({
    edges: Int32Array.from(own),
    network: () => history.at(day * DAY_S),
  }));
}

/** All other friendships, shared out by chance, both edges of each in one part. */
function otherRounds(history: SocialHistory, recent: readonly Round[]): Round[] {
  const { count } = history.edges;
  const isAsked = new Uint8Array(count);
  for (const { edges } of recent) for (const edge of edges) isAsked[edge] = 1;
  const pairs = Int32Array.from({ length: count / 2 }, (_, pair) => 2 * pair).filter(
    (edge) => !isAsked[edge],
  );
  new Random(PARTS_SEED).shuffle(pairs);
  return Array.from({ length: PARTS }, (_, part) => {
    const [begin, end] = [part, part + 1].map((at) => Math.round((at * pairs.length) / PARTS));
    const asked = pairs.subarray(begin, end);
    let kept: Snapshot | undefined;
    return {
      edges: Int32Array.from([...asked, ...asked.map((edge) => edge + 1)]),
      network: () => {
        kept ??= history.without(asked);
        return kept;
      },
    };
  }).filter(({ edges }) => edges.length > 0);
}
