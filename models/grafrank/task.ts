import { Random } from '@etalon/core/base';
import { ringsOf } from '@etalon/core/graph';
import {
  amongCandidates,
  friendsOf,
  type InteractionData,
  type RankingTask,
} from '@etalon/core/interactions';

/** Users who are asked, at most: pair by pair baselines look at every candidate of each. */
const MOST_ASKED = 1500;

/**
 * Ranking as the paper means it: new friends among the candidates of the neighbourhood, here all friends of friends who are no friends
 * yet; at most so many users, drawn once. New friends who are nobody's friend's friend are retrieval's to find, and not asked for.
 */
export function neighbourhoodTask(task: RankingTask, known: InteractionData, type: string): RankingTask {
  const near = amongCandidates(task, ringsOf(friendsOf(known, type), 2));
  if (near.users.length <= MOST_ASKED) return near;
  const drawn = new Random(1).shuffle(near.users.slice()).subarray(0, MOST_ASKED);
  return { ...near, users: drawn.slice().sort() };
}
