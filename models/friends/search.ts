import { Random, type TaskContext } from '@etalon/core/base';
import { friendsOfFriends, listOf, rowOf, type Scorer, union } from '@etalon/core/interactions';
import { ExactIndex, GeoShards, HnswIndex, merged, vectorsOf } from '@etalon/core/retrieval';
import type { FriendGraph } from './graph.ts';
import type { FriendsSettings } from './settings.ts';

/** Up to so many vectors comparing with all of them is the fastest search. */
const EXACT_UP_TO = 4096;

/** What is asked of both sources. */
export interface Candidates {
  readonly friendsOfFriends: Int32Array;
  readonly byEmbedding: Int32Array;
  /** Either's. */
  readonly all: Int32Array;
}

/** Embeddings of users with an index of the active ones, by region; asked for one user beside friends of friends. */
export class FriendSearch {
  readonly graph: FriendGraph;
  /** [users, width] */
  readonly z: Float32Array;
  readonly width: number;
  readonly shards: GeoShards;
  readonly #seeds: readonly Int32Array[];
  readonly #settings: FriendsSettings;
  readonly #common: Scorer;
  readonly #tieOrder: Int32Array;

  /** The same embeddings, settings and seed find the same. Throws `cancelled`. */
  static async build(
    graph: FriendGraph,
    z: Float32Array,
    settings: FriendsSettings,
    seed: number,
    context: TaskContext,
  ): Promise<FriendSearch> {
    context.report({ stage: 'Indexing active users', done: 0 });
    const metric = settings.similarity === 'cosine' ? 'cosine' : 'innerProduct';
    const vectors = vectorsOf(z, settings.width, metric);
    const { grid, regions, active: rows } = graph;
    const shards = await GeoShards.build(vectors, { grid, regions, rows }, async (part, region) =>
      settings.index === 'exact' || part.count <= EXACT_UP_TO
        ? new ExactIndex(part)
        : HnswIndex.build(part, {}, new Random(seed + region), context),
    );
    return new FriendSearch(graph, z, shards, settings, seed);
  }

  private constructor(
    graph: FriendGraph,
    z: Float32Array,
    shards: GeoShards,
    settings: FriendsSettings,
    seed: number,
  ) {
    this.graph = graph;
    this.z = z;
    this.width = settings.width;
    this.shards = shards;
    this.#settings = settings;
    this.#seeds = seedFriends(graph, settings);
    this.#common = friendsOfFriends(graph.data, graph.type);
    this.#tieOrder = new Random(seed).shuffle(Int32Array.from({ length: graph.count }, (_, row) => row));
  }

  /** Friends of a user whose embeddings are asked beside the user's own. */
  seedsOf(user: number): Int32Array {
    return this.#seeds[user];
  }

  similarity(user: number, other: number): number {
    const { z, width } = this;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += z[user * width + k] * z[other * width + k];
    return sum;
  }

  /** The most similar active users of the user's region: to the user, and where `seeded` to any of the seed friends (Shi et al. 2024). */
  byEmbedding(user: number, count: number, seeded = true): Int32Array {
    const excluded = this.#known(user);
    const asked = seeded ? [user, ...this.#seeds[user]] : [user];
    const region = this.graph.regions[user];
    const settings = { efSearch: Math.max(64, count + excluded.size) };
    const hits = asked.map((row) =>
      this.shards.nearest(this.#vector(row), count + excluded.size, region, { settings }),
    );
    const found = new Set<number>();
    for (const id of merged(hits, Number.POSITIVE_INFINITY).ids)
      if (found.size < count && !excluded.has(id)) found.add(id);
    return Int32Array.from(found);
  }

  /** By how many friends they have in common. */
  async friendsOfFriends(user: number, count: number): Promise<Int32Array> {
    const scores = await this.#common(Int32Array.of(user));
    return listOf(scores, count, { above: 0, excluded: this.#known(user), tieOrder: this.#tieOrder });
  }

  async candidates(user: number): Promise<Candidates> {
    const { candidates } = this.#settings;
    const near = await this.friendsOfFriends(user, candidates);
    const byEmbedding = this.byEmbedding(user, candidates);
    return { friendsOfFriends: near, byEmbedding, all: union(near, byEmbedding) };
  }

  #vector(row: number): Float32Array {
    return this.z.subarray(row * this.width, (row + 1) * this.width);
  }

  #known(user: number): Set<number> {
    return new Set([user, ...rowOf(this.graph.friends, user)]);
  }
}

/**
 * [users] friends whose embeddings are asked: who the user last had to do with (`recent`), or most often (`closest`), by edges of any
 * type between the two; the lower row first where these are equal.
 */
export function seedFriends(
  { data, users, friends, count }: FriendGraph,
  { seeds, seedBy }: Pick<FriendsSettings, 'seeds' | 'seedBy'>,
): Int32Array[] {
  const told = new Map<number, number>();
  const tell = (user: number, friend: number, timeS: number) => {
    const key = user * count + friend;
    const known = told.get(key) ?? Number.NEGATIVE_INFINITY;
    if (seedBy === 'closest') told.set(key, Math.max(0, known) + 1);
    else if (timeS > known) told.set(key, timeS);
  };
  for (const name of seeds === 0 ? [] : data.edgeTypes) {
    const { from, to, fromRows, toRows, timesS } = data.edges(name);
    if (from !== users || to !== users) continue;
    fromRows.forEach((row, edge) => {
      const timeS = timesS?.[edge] ?? Number.NaN;
      tell(row, toRows[edge], timeS);
      tell(toRows[edge], row, timeS);
    });
  }
  return Array.from({ length: count }, (_, user) => {
    const order = (friend: number) => told.get(user * count + friend) ?? Number.NEGATIVE_INFINITY;
    const own = [...rowOf(friends, user)].sort((a, b) => descending(order(a), order(b)) || a - b);
    return Int32Array.from(own.slice(0, seeds));
  });
}

function descending(a: number, b: number): number {
  return a === b ? 0 : b > a ? 1 : -1;
}
