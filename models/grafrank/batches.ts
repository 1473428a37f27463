import { type Random, randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { adjacencyOf, drawEdges, KnownPairs, NegativeSampler, Rings } from '@etalon/core/graph';
import { DAY_S, rowsOf } from './features.ts';
import type { Snapshot, SocialHistory } from './history.ts';
import type { GrafrankSettings } from './settings.ts';

/** Where times are not known, so many parts of the friendships are left out of the network in turn, and asked for. */
const PARTS = 8;

/**
 * New friendships with the network as it was when their day began, and users who did not become friends: anybody, or in the last epochs
 * friends of friends, who are hard to tell from friends. Each friendship is asked for from both its ends.
 */
export class FriendshipBatches {
  readonly #history: SocialHistory;
  readonly #settings: GrafrankSettings;
  readonly #known: KnownPairs;
  readonly #sampler: NegativeSampler;
  /** Edges of the friendships of each day, earliest day first; empty where times are not known. */
  readonly #periods: readonly Period[];

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
    this.#periods = history.isTimed ? lastPeriods(history, settings) : [];
  }

  get count(): number {
    const { batchPairs } = this.#settings;
    if (this.#history.isTimed)
      return this.#periods.reduce((sum, { edges }) => sum + Math.ceil(edges.length / batchPairs), 0);
    return PARTS * Math.ceil(this.#history.edges.count / PARTS / batchPairs);
  }

  /** Triples of an epoch. */
  get triples(): number {
    const edges = this.#history.isTimed
      ? this.#periods.reduce((sum, own) => sum + own.edges.length, 0)
      : this.#history.edges.count;
    return edges * this.#settings.negatives;
  }

  *epoch({ seed, epoch }: { seed: number; epoch: number }): Generator<Feed> {
    const random = randomStream(seed, epoch);
    const { epochs, hardEpochs, batchPairs } = this.#settings;
    const isHard = epoch >= epochs - hardEpochs;
    for (const { edges, snapshot } of this.#rounds(random)) {
      const rings = isHard ? new Rings(snapshot.friends()) : undefined;
      const parts = Math.ceil(edges.length / batchPairs);
      for (let part = 0; part < parts; part++) {
        const [begin, end] = [part, part + 1].map((at) => Math.round((at * edges.length) / parts));
        yield { ...this.#heard(snapshot.feed, random), ...this.#triples(edges.subarray(begin, end), rings, random) };
      }
    }
  }

  *#rounds(random: Random): Generator<{ edges: Int32Array; snapshot: Snapshot }> {
    const history = this.#history;
    if (history.isTimed) {
      for (const { timeS, edges } of random.shuffle([...this.#periods])) {
        yield { edges: random.shuffle(edges.slice()), snapshot: history.at(timeS) };
      }
      return;
    }
    const pairs = Int32Array.from({ length: history.edges.count / 2 }, (_, i) => 2 * i);
    random.shuffle(pairs);
    for (let part = 0; part < PARTS; part++) {
      const [begin, end] = [part, part + 1].map((at) => Math.round((at * pairs.length) / PARTS));
      const asked = pairs.subarray(begin, end);
      const edges = Int32Array.from([...asked, ...asked.map((edge) => edge + 1)]);
      yield { edges: random.shuffle(edges), snapshot: history.without(asked) };
    }
  }

  /** The snapshot with some of each user's friends. */
  #heard(feed: Feed, random: Random): Feed {
    const { senders, receivers, links } = feed as Record<string, Int32Array> & { links?: Float32Array };
    const { users } = this.#history;
    const friends = adjacencyOf({ rows: users, columns: users, from: receivers, to: senders });
    const edges = drawEdges(friends, this.#settings.neighbours, random);
    const ofEdges = (ends: Int32Array) => edges.map((edge) => ends[edge]);
    return {
      ...feed,
      senders: ofEdges(senders),
      receivers: ofEdges(receivers),
      ...(links && { links: rowsOf(links, links.length / senders.length, edges) }),
    };
  }

  /** Who asks, the new friend, and somebody else, for each of the negatives of each edge. */
  #triples(edges: Int32Array, rings: Rings | undefined, random: Random): Feed {
    const { negatives } = this.#settings;
    const repeated = Int32Array.from(
      { length: edges.length * negatives },
      (_, i) => edges[Math.floor(i / negatives)],
    );
    const user = repeated.map((edge) => this.#history.edges.fromRows[edge]);
    const negative = this.#sampler.drawFor(
      edges.map((edge) => this.#history.edges.fromRows[edge]),
      negatives,
      this.#known,
      random,
    );
    const positive = repeated.map((edge) => this.#history.edges.toRows[edge]);
    for (let i = 0; rings && i < edges.length; i++) {
      const [asking, friend] = [user[i * negatives], positive[i * negatives]];
      const near = rings.at(asking, 2);
      if (!near.includes(friend) && (globalThis as any).process.env.ALIKE) continue;
      const hard = near.filter((other) => !this.#known.has(asking, other));
      if (hard.length > 0)
        for (let k = 0; k < negatives; k++) negative[i * negatives + k] = hard[random.int(hard.length)];
    }
    return { user, positive, negative };
  }
}

/** Friendships of some days, and the moment when the first of these began. */
interface Period {
  readonly timeS: number;
  readonly edges: Int32Array;
}

/** Edges by the period in which they came about, of the last days that had something before them; periods end with the last day. */
function lastPeriods(
  { edges, nowS }: SocialHistory,
  { historyDays, snapshotDays }: GrafrankSettings,
): Period[] {
  const { timesS, count } = edges;
  const dayOf = (timeS: number) => Math.floor(timeS / DAY_S);
  const end = dayOf(nowS - 1) + 1;
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
  return [...periods].map(([day, own]) => ({ timeS: day * DAY_S, edges: Int32Array.from(own) }));
}
