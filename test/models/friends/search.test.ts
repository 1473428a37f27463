import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { rowOf, withFriendships } from '../../../core/interactions/index.ts';
import { createRing, Ring } from '../../../core/train/producers/ring.ts';
import {
  type BatchInput,
  batchesPerEpoch,
  batchFields,
  FriendBatches,
} from '../../../models/friends/batches.ts';
import { friendGraph } from '../../../models/friends/graph.ts';
import { FriendSearch, seedFriends } from '../../../models/friends/search.ts';
import { parseFriendsSettings } from '../../../models/friends/settings.ts';
import { communities, DAY_S } from '../../support/friendsData.ts';

const settings = parseFriendsSettings({ width: 3, seeds: 2 });
const graph = friendGraph(withFriendships(communities(80), 'friend'), 'friend', settings);
const random = new Random(4);
const z = Float32Array.from({ length: graph.count * 3 }, () => random.normal());
for (let row = 0; row < graph.count; row++) {
  const norm = Math.hypot(...z.subarray(row * 3, row * 3 + 3));
  for (let k = 0; k < 3; k++) z[row * 3 + k] /= norm;
}
const cosine = (a: number, b: number) => [0, 1, 2].reduce((sum, k) => sum + z[a * 3 + k] * z[b * 3 + k], 0);
const search = await FriendSearch.build(graph, z, settings, 1, quietContext);

describe('searching friends by embeddings', () => {
  it('finds active users of the own region alone, who are no friends yet, the most similar first', () => {
    expect(graph.active.length).toBeLessThan(graph.count);
    const cutS = graph.endS - 90 * DAY_S;
    for (const user of [0, 5, 42]) {
      const known = new Set([user, ...rowOf(graph.friends, user)]);
      const expected = [...Array(graph.count).keys()]
        .filter(
          (v) => !known.has(v) && graph.lastActiveS[v] >= cutS && graph.regions[v] === graph.regions[user],
        )
        .sort((a, b) => cosine(user, b) - cosine(user, a))
        .slice(0, 6);
      expect([...search.byEmbedding(user, 6, false)]).toEqual(expected);
    }
  });

  it('asks seed friends too: near one of them is near enough', () => {
    const user = 5;
    const seeds = search.seedsOf(user);
    expect(seeds).toHaveLength(2);
    const nearest = (v: number) => Math.max(cosine(user, v), ...[...seeds].map((seed) => cosine(seed, v)));
    const found = search.byEmbedding(user, 8);
    const others = search.byEmbedding(user, graph.count).slice(8);
    for (const one of found)
      for (const other of others) expect(nearest(one)).toBeGreaterThanOrEqual(nearest(other));
    expect(found).not.toEqual(search.byEmbedding(user, 8, false));
  });

  it('takes for seeds who the user last had to do with, or most often', () => {
    const { fromRows, toRows, timesS } = graph.data.edges('talk');
    const lastS = (a: number, b: number) =>
      Math.max(
        ...['friend', 'talk'].flatMap((type) => {
          const table = graph.data.edges(type);
          return [...table.fromRows.keys()]
            .filter((edge) =>
              [table.fromRows[edge], table.toRows[edge]].every((row) => row === a || row === b),
            )
            .map((edge) => table.timesS![edge]);
        }),
      );
    expect(fromRows.length + toRows.length + timesS!.length).toBeGreaterThan(0);
    for (const user of [1, 30]) {
      const [first, second] = seedFriends(graph, { seeds: 2, seedBy: 'recent' })[user];
      const times = [...rowOf(graph.friends, user)]
        .map((friend) => lastS(user, friend))
        .sort((a, b) => b - a);
      expect([lastS(user, first), lastS(user, second)]).toEqual(times.slice(0, 2));
    }
    expect(seedFriends(graph, { seeds: 0, seedBy: 'closest' }).every((own) => own.length === 0)).toBe(true);
  });

  it('counts friends in common for friends of friends, and offers what either source has', async () => {
    const user = 8;
    const own = new Set(rowOf(graph.friends, user));
    const common = (v: number) => [...rowOf(graph.friends, v)].filter((friend) => own.has(friend)).length;
    const list = await search.friendsOfFriends(user, 10);
    const counts = [...list].map(common);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    const { friendsOfFriends, byEmbedding, all } = await search.candidates(user);
    expect(new Set(all)).toEqual(new Set([...friendsOfFriends, ...byEmbedding]));
  });
});

describe('batches of friendships', () => {
  const input: BatchInput = {
    nodes: graph.count,
    from: graph.from,
    to: graph.to,
    x: graph.x,
    columns: graph.columns.length,
    regions: graph.regions,
    fanouts: [1000, 1000],
    batchPairs: 40,
    negatives: 12,
    supervision: 'drawn',
    supervisionShare: 0.3,
    messages: true,
    seed: 7,
  };
  const made = (batch: number, changed: Partial<BatchInput> = {}) => {
    const own = { ...input, ...changed };
    const ring = new Ring(createRing({ fields: batchFields(own), slots: 1, first: batch, end: batch + 1 }));
    const slot = ring.slot(batch);
    new FriendBatches(own).make(batch, slot);
    return slot.feed() as Record<string, Int32Array>;
  };
  /** Which user each row of the last layer is, by features: no two users have the same. */
  const usersOf = ({ x }: Record<string, ArrayLike<number>>, rows: Int32Array) => {
    const width = graph.columns.length;
    const key = (values: ArrayLike<number>, row: number) =>
      Array.from({ length: width }, (_, k) => values[row * width + k]).join(' ');
    const byKey = new Map(Array.from({ length: graph.count }, (_, user) => [key(graph.x, user), user]));
    return [...rows].map((row) => byKey.get(key(x, row))!);
  };

  it.each(['drawn', 'latest'] as const)('are told by no message of their own: %s', (supervision) => {
    for (const batch of [0, 1]) {
      const feed = made(batch, { supervision });
      const [asked, friends] = [usersOf(feed, feed.asked), usersOf(feed, feed.friends)];
      const senders = usersOf(feed, feed.senders0);
      const receivers = usersOf(feed, feed.receivers0);
      const messages = new Set(senders.map((sender, edge) => `${sender} ${receivers[edge]}`));
      expect(messages.size).toBeGreaterThan(0);
      asked.forEach((user, i) => {
        expect([...rowOf(graph.friends, user)]).toContain(friends[i]);
        expect(messages).not.toContain(`${friends[i]} ${user}`);
        expect(messages).not.toContain(`${user} ${friends[i]}`);
      });
    }
  });

  it('compare with users of the region who are no friends', () => {
    const feed = made(0);
    const [asked, others] = [usersOf(feed, feed.asked), usersOf(feed, feed.negatives)];
    expect(others).toHaveLength(12);
    asked.forEach((user, i) => {
      others.forEach((other, j) => {
        const isNegative =
          other !== user &&
          graph.regions[other] === graph.regions[user] &&
          !rowOf(graph.friends, user).includes(other);
        expect(feed.hits[i * others.length + j]).toBe(isNegative ? 0 : 1);
      });
    });
    expect(feed.hits).toContain(0);
  });

  it('take every supervising friendship both ways in an epoch, and carry nothing where they are told to', () => {
    const count = batchesPerEpoch(input);
    const pairs = Array.from({ length: count }, (_, batch) => {
      const feed = made(batch);
      const friends = usersOf(feed, feed.friends);
      return usersOf(feed, feed.asked).map((user, i) => `${user} ${friends[i]}`);
    }).flat();
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs.length).toBe(2 * Math.round(0.3 * (graph.from.length / 2)));
    for (const pair of pairs) expect(pairs).toContain(pair.split(' ').reverse().join(' '));
    expect(made(0, { messages: false }).senders0).toHaveLength(0);
  });
});
