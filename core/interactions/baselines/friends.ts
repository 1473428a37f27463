import { EtalonError } from '../../base/index.ts';
import type { Csr } from '../../graph/index.ts';
import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { distinctPairs, rowOf } from '../pairs.ts';
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
  const friends = friendsIn(data, type);
  const count = friends.offsets.length - 1;
  return scorerByUser(count, (user, scores) => {
    for (const friend of rowOf(friends, user)) {
      const others = rowOf(friends, friend);
      for (const other of others) if (other !== user) scores[other] += weight(others.length);
    }
  });
}

/** Different friends of each, themselves not among them. */
function friendsIn(data: InteractionData, type: string): Csr {
  const { name, from, to, fromRows, toRows } = data.edges(type);
  if (from !== to)
    throw new EtalonError('usage', `"${name}" leads from a ${from} to a ${to}: that is no friendship.`, {
      remedy: 'Choose edges whose ends are of one type.',
    });
  const others = Int32Array.from(fromRows.keys()).filter((edge) => fromRows[edge] !== toRows[edge]);
  const [a, b] = [others.map((edge) => fromRows[edge]), others.map((edge) => toRows[edge])];
  return bothWays(a, b, data.nodes(from).count);
}

function bothWays(a: Int32Array, b: Int32Array, count: number): Csr {
  const join = (first: Int32Array, second: Int32Array) => {
    const joined = new Int32Array(first.length + second.length);
    joined.set(first);
    joined.set(second, first.length);
    return joined;
  };
  return distinctPairs(join(a, b), join(b, a), count);
}
