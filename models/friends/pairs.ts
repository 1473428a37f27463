import { adamicAdar, friendsOfFriends, rowOf, type Scorer } from '@etalon/core/interactions';
import type { FriendSearch } from './search.ts';

const DAY_S = 86_400;

/** The first column: the similarity of the two embeddings. */
export const SIMILARITY = 'similarity';

/** What the ranker sees of a user and a candidate. */
export class PairFeatures {
  readonly names: readonly string[];
  readonly #kept: readonly number[];
  readonly #search: FriendSearch;
  readonly #common: Scorer;
  readonly #rare: Scorer;

  /** @param kept columns that the ranker learned from; left out: all. */
  constructor(search: FriendSearch, kept?: readonly string[]) {
    const { data, type, profile } = search.graph;
    this.#search = search;
    this.#common = friendsOfFriends(data, type);
    this.#rare = adamicAdar(data, type);
    const names = [
      SIMILARITY,
      'similarity to the nearest seed friend',
      'friends in common',
      'rare friends in common',
      'number of friends',
      'days since the last edge',
      'same region',
      ...profile.map(({ name }) => `alike in ${name}`),
    ];
    this.names = kept ?? names;
    this.#kept = this.names.map((name) => names.indexOf(name));
  }

  /** [candidates, names] */
  async rows(user: number, candidates: Int32Array): Promise<Float32Array> {
    const search = this.#search;
    const { friends, lastActiveS, endS, regions } = search.graph;
    const asked = Int32Array.of(user);
    const [common, rare] = [await this.#common(asked), await this.#rare(asked)];
    const seeds = search.seedsOf(user);
    const values = new Float32Array(candidates.length * this.names.length);
    candidates.forEach((candidate, i) => {
      const similarity = search.similarity(user, candidate);
      const nearest = seeds.reduce(
        (most, friend) => Math.max(most, search.similarity(friend, candidate)),
        similarity,
      );
      const silenceDays = (endS - lastActiveS[candidate]) / DAY_S;
      const all = [
        similarity,
        nearest,
        Math.log1p(common[candidate]),
        rare[candidate],
        Math.log1p(rowOf(friends, candidate).length),
        Number.isNaN(silenceDays) ? 0 : Math.log1p(silenceDays),
        regions[user] === regions[candidate] ? 1 : 0,
        ...this.#likeness(user, candidate),
      ];
      this.#kept.forEach((column, k) => {
        values[i * this.names.length + k] = all[column];
      });
    });
    return values;
  }

  /** −‖x_u − x_v‖ over the columns of each feature of the profile. */
  #likeness(user: number, candidate: number): number[] {
    const { profile, columns, x } = this.#search.graph;
    const [a, b] = [user * columns.length, candidate * columns.length];
    return profile.map(({ begin, end }) => {
      let squares = 0;
      for (let k = begin; k < end; k++) squares += (x[a + k] - x[b + k]) ** 2;
      return -Math.sqrt(squares);
    });
  }
}
