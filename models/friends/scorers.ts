import { listOf, type Scorer } from '@etalon/core/interactions';
import type { FriendGraph } from './graph.ts';
import type { RankerScores } from './ranker.ts';
import type { FriendSearch } from './search.ts';

/** z_u · z_v of the active users of one's region, whom an exact index would find; of others −Infinity. */
export function similarityScorer(
  { count, regions, active }: Pick<FriendGraph, 'count' | 'regions' | 'active'>,
  z: Float32Array,
  width: number,
): Scorer {
  const members = Map.groupBy(active, (row) => regions[row]);
  return (users) => {
    const scores = new Float32Array(users.length * count).fill(Number.NEGATIVE_INFINITY);
    users.forEach((user, i) => {
      for (const other of members.get(regions[user]) ?? []) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += z[user * width + k] * z[other * width + k];
        scores[i * count + other] = sum;
      }
    });
    return scores;
  };
}

/** Candidates by the ranker, best first: rows and their scores. */
export interface RankedList {
  readonly rows: Int32Array;
  readonly scores: Float32Array;
}

/** All candidates of either source, or the best of them, at most `count`. */
export async function rankedCandidates(
  search: FriendSearch,
  ranker: RankerScores,
  user: number,
  count = Number.POSITIVE_INFINITY,
): Promise<RankedList> {
  const { all } = await search.candidates(user);
  const scores = await ranker.of(user, all);
  const order = listOf(scores, count, { excluded: new Set(), tieOrder: all });
  return {
    rows: order.map((place) => all[place]),
    scores: Float32Array.from(order, (place) => scores[place]),
  };
}

/** Scores of ranked lists; of who is in none −Infinity. */
export function listScorer(
  count: number,
  listOf: (user: number) => RankedList | Promise<RankedList>,
): Scorer {
  return async (users) => {
    const scores = new Float32Array(users.length * count).fill(Number.NEGATIVE_INFINITY);
    for (const [i, user] of users.entries()) {
      const { rows, scores: ranked } = await listOf(user);
      rows.forEach((row, k) => {
        scores[i * count + row] = ranked[k];
      });
    }
    return scores;
  };
}
