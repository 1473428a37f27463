import { Random, randomStream } from '@etalon/core/base';
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
  readonly #parts: readonly { edges: Int32Array }[];

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
    this.#parts = partsOf(history, this.#periods, settings);
  }

  get count(): number {
    const { batchPairs } = this.#settings;
    return [...this.#periods, ...this.#parts].reduce((sum, { edges }) => sum + Math.ceil(edges.length / batchPairs), 0);
  }

  /** Triples of an epoch. */
  get triples(): number {
    const edges = [...this.#periods, ...this.#parts].reduce((sum, own) => sum + own.edges.length, 0);
    return edges * this.#settings.negatives;
  }

  *epoch({ seed, epoch }: { seed: number; epoch: number }): Generator<Feed> {
    const random = randomStream(seed, epoch);
    const { epochs, hardEpochs, recentEpochs, batchPairs } = this.#settings;
    let left = this.count;
    const isHard = epoch >= epochs - hardEpochs;
    for (const { edges, snapshot } of this.#rounds(random, epoch >= epochs - recentEpochs)) {
      const rings = isHard ? new Rings(snapshot.friends()) : undefined;
      const parts = Math.ceil(edges.length / batchPairs);
      for (let part = 0; part < parts; part++) {
        const [begin, end] = [part, part + 1].map((at) => Math.round((at * edges.length) / parts));
        if (left-- === 0) return;
        yield { ...this.#heard(snapshot.feed, random), ...this.#triples(edges.subarray(begin, end), rings, random) };
      }
    }
  }

  *#rounds(random: Random, recent: boolean): Generator<{ edges: Int32Array; snapshot: Snapshot }> {
    const history = this.#history;
    const again = recent && this.#periods.length > 0 ? Array.from({ length: 50 }, () => this.#periods).flat() : [...this.#periods, ...this.#parts];
    for (const round of random.shuffle(again)) {
      const snapshot = 'timeS' in round ? history.at(round.timeS) : history.without(round.edges.filter((edge) => edge % 2 === 0));
      yield { edges: random.shuffle(round.edges.slice()), snapshot };
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

/** All other friendships, shared out by chance, both edges of each in one part. */
function partsOf({ edges: { count } }: SocialHistory, periods: readonly Period[], { past }: GrafrankSettings): { edges: Int32Array }[] {
  if (periods.length > 0 && past === 'no') return [];
  const isAsked = new Uint8Array(count);
  for (const { edges } of periods) for (const edge of edges) isAsked[edge] = 1;
  const rest = Int32Array.from({ length: count / 2 }, (_, pair) => 2 * pair).filter((edge) => !isAsked[edge]);
  new Random(1).shuffle(rest);
  return Array.from({ length: PARTS }, (_, part) => {
    const [begin, end] = [part, part + 1].map((at) => Math.round((at * rest.length) / PARTS));
    const asked = rest.subarray(begin, end);
    return { edges: Int32Array.from([...asked, ...asked.map((edge) => edge + 1)]) };
  });
}
