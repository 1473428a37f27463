import { randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import {
  beside,
  type InteractionData,
  type RankingTask,
  rowOf,
  type Scorer,
} from '@etalon/core/interactions';
import type { SocialHistory } from '../history.ts';
import type { GrafrankSettings } from '../settings.ts';
import { grafrankSystem, type PreparedHistory } from '../system.ts';

/** Pairs that are learned from, at most: drawn from all that GraFRank learns in one hard epoch. */
const MOST_PAIRS = 24_000;

/** Settings by which all friendships count alike in positions. */
export const ALIKE = { closeness: 0, halfLifeDays: 0 };

/**
 * What baselines are told, which know nothing of links: positions in the network of friends where all friendships count alike.
 * @param prepared what GraFRank is told, for where that is the same
 */
export function withoutCloseness(
  known: InteractionData,
  type: string,
  prepared: PreparedHistory,
  settings: GrafrankSettings,
): PreparedHistory {
  if (prepared.history.positionWidth === 0) return prepared;
  return grafrankSystem.prepare(known, type, { ...settings, ...ALIKE });
}

/** What a pair-by-pair model is told of two users: the features of both, how they differ, and what they have in common. */
export const PAIR_BLOCKS = 4;

/** Rows of pairs, row-major. */
export interface PairRows {
  readonly width: number;
  readonly values: Float32Array;
}

export interface LabelledPairs extends PairRows {
  /** [rows] 1: they became friends. */
  readonly label: Float32Array;
}

/** x: what GraFRank is told of each user, the features of all modalities and the position. [users, columns] */
function toldOf({ features, positions }: Feed, users: number): Float32Array {
  const parts = [features, positions].filter((part) => part !== undefined);
  const matrices = parts.map((values) => ({
    names: new Array<string>(values.length / users).fill(''),
    values: values as Float32Array,
  }));
  return beside(matrices, users).values;
}

function columnsOf({ modalities, positionWidth }: SocialHistory): number {
  return modalities.reduce((sum, { columns }) => sum + columns.length, positionWidth);
}

/** Writes [x_u ‖ x_v ‖ |x_u − x_v| ‖ x_u ⊙ x_v] to a row. */
export function pairRow(
  features: Float32Array,
  columns: number,
  u: number,
  v: number,
  into: Float32Array,
  at: number,
): void {
  for (let k = 0; k < columns; k++) {
    const [a, b] = [features[u * columns + k], features[v * columns + k]];
    into[at + k] = a;
    into[at + columns + k] = b;
    into[at + 2 * columns + k] = Math.abs(a - b);
    into[at + 3 * columns + k] = a * b;
  }
}

/**
 * New friends and friends of friends who became none, with features as they were when the day of the friendship began: what the last
 * epoch of GraFRank is made of.
 */
export function labelledPairs(
  { batches, history }: PreparedHistory,
  settings: GrafrankSettings,
  seed: number,
): LabelledPairs {
  const columns = columnsOf(history);
  const width = PAIR_BLOCKS * columns;
  const epoch = settings.epochs - 1;
  const feeds: Feed[] = [...batches.epoch({ seed, epoch })];
  let left = feeds.reduce((sum, { user }) => sum + 2 * user.length, 0);
  const total = Math.min(MOST_PAIRS, left);
  const values = new Float32Array(total * width);
  const label = new Float32Array(total);
  const random = randomStream(seed, epoch);
  let row = 0;
  const take = (features: Float32Array, u: number, v: number, isFriend: number) => {
    if (random.uniform() * left-- >= total - row) return;
    pairRow(features, columns, u, v, values, row * width);
    label[row++] = isFriend;
  };
  for (const feed of feeds) {
    const { user, positive, negative } = feed;
    const told = toldOf(feed, history.users);
    for (let i = 0; i < user.length; i++) {
      take(told, user[i], positive[i], 1);
      take(told, user[i], negative[i], 0);
    }
  }
  return { width, values, label };
}

/** Scores the candidates of a task with a model of pairs; whoever is no candidate has 0. */
export function pairScorer(
  { history, feed }: PreparedHistory,
  { items, candidates }: RankingTask,
  predict: (rows: PairRows) => Promise<ArrayLike<number>>,
): Scorer {
  const columns = columnsOf(history);
  const width = PAIR_BLOCKS * columns;
  const told = toldOf(feed, history.users);
  return async (users) => {
    const scores = new Float32Array(users.length * items);
    for (const [i, user] of users.entries()) {
      const others = candidates
        ? rowOf(candidates, user)
        : Int32Array.from({ length: items }, (_, item) => item);
      if (others.length === 0) continue;
      const values = new Float32Array(others.length * width);
      others.forEach((other, at) => {
        pairRow(told, columns, user, other, values, at * width);
      });
      const predicted = await predict({ width, values });
      others.forEach((other, at) => {
        scores[i * items + other] = predicted[at];
      });
    }
    return scores;
  };
}
