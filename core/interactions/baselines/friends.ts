import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { friendsOf } from '../friendships.ts';
import { rowOf } from '../pairs.ts';
import { scorerByUser } from './pairScorer.ts';

/** score(u, v): how many friends they have in common. Friendships count in both directions. */
export function friendsOfFriends(data: InteractionData, type: string): Scorer {
  return commonFriends(data, type, () => 1);
}

/** score(u, v) = Σ over common friends z of 1 / ln |N(z)| (Adamic & Adar 2003). Friendships count in both directions. */
export function adamicAdar(data: InteractionData, type: string): Scorer {
  return commonFriends(data, type, (friends) => 1 / Math.log(friends));
}

/** A common friend of two has at least two friends, so that its weight is finite. */
function commonFriends(data: InteractionData, type: string, weight: (friends: number) => number): Scorer {
  const friends = friendsOf(data, type);
  const count = friends.offsets.length - 1;
  return scorerByUser(count, (user, scores) => {
    for (const friend of rowOf(friends, user)) {
      const others = rowOf(friends, friend);
      for (const other of others) if (other !== user) scores[other] += weight(others.length);
    }
  });
}
