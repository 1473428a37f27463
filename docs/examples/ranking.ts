import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  bindParameters,
  combineLosses,
  dot,
  l2Penalty,
  messagePassing,
  ParameterLayout,
  pairwiseLogistic,
} from '@etalon/core/gnn';
import { add, gather, matmul, mean, mul, slice, type Tensor, Trace } from '@etalon/core/tensor';
import { rankItems, recallAt } from '@etalon/core/train';
import { type Network, predict, train } from './training.ts';

/** Users and items of as many tastes; a user takes an item of the same taste more often than another. */
export const USERS = 300;
export const ITEMS = 100;
export const TASTES = 5;
export const TAKES = { same: 0.4, other: 0.02 };

/** Share of what was taken that is held out, and the places of a recommendation. */
const HELD_OUT = 0.3;
export const PLACES = 10;

/** What a user took: to learn from, and held out. */
export interface Taken {
  taste: number;
  known: Set<number>;
  heldOut: Set<number>;
}

/** Ranking: which other items will a user take, when nothing is known of users and items but who took what? */
export async function ranking(device: Device) {
  const random = new Random(1);
  const users = drawUsers(random);
  const network = recommender();
  const structure = bipartite(users);
  const batches = Array.from({ length: 100 }, () => ({ ...structure, ...sampleTriples(users, random) }));
  const weights = await train(device, network, batches, { learningRate: 0.02, seed: 1 });

  const { scores } = await predict(device, network, structure, weights);
  const asked = [...users.entries()].filter(([, { heldOut }]) => heldOut.size > 0);
  const recalls = asked.map(([user, { known, heldOut }]) => {
    const ofUser = scores.subarray(user * ITEMS, (user + 1) * ITEMS);
    return recallAt(PLACES, rankItems(ofUser, known), heldOut);
  });
  return { recalls, users: asked.map(([, user]) => user) };
}

/**
 * LightGCN (He et al. 2020): users, then items, are the nodes; the state of each is the mean of a learned one and of what one and
 * two rounds of weighted sums over the neighbours make of it. The inner product of two states is the score.
 */
function recommender(): Network {
  const layout = new ParameterLayout();
  const table = layout.declare('nodes', [USERS + ITEMS, 8], { normal: 0.1 });
  const neighbours = messagePassing({ messages: (_weights, { senders, edges }) => mul(senders, edges!) });

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const structure = {
    senders: trace.input('senders', ['edges'], 'i32'),
    receivers: trace.input('receivers', ['edges'], 'i32'),
  };
  const learned = { nodes: weights(table), edges: trace.input('scale', ['edges', 1]) };
  const once = neighbours(weights, structure, learned);
  const twice = neighbours(weights, structure, once);
  const states = mul(add(add(learned.nodes, once.nodes), twice.nodes), 1 / 3);
  const users = slice(states, 0, USERS, 0);
  const items = slice(states, USERS, USERS + ITEMS, 0);
  const forward = trace.program({ scores: matmul(users, items, { transposeB: true }) });

  const chosen = (rows: Tensor, name: string) => gather(rows, trace.input(name, ['triples'], 'i32'));
  const user = chosen(users, 'user');
  const positive = dot(user, chosen(items, 'positive'));
  const negative = dot(user, chosen(items, 'negative'));
  const parts = { order: mean(pairwiseLogistic(positive, negative)), size: l2Penalty([weights(table)]) };
  const loss = trace.program(combineLosses(parts, { order: 1, size: 1e-4 }));
  return { layout, forward, loss };
}

/** Every user likes one taste; item i is of taste i mod TASTES. */
function drawUsers(random: Random): Taken[] {
  return Array.from({ length: USERS }, (_, user) => {
    const taste = user % TASTES;
    const taken: Taken = { taste, known: new Set(), heldOut: new Set() };
    for (let item = 0; item < ITEMS; item++)
      if (random.uniform() < (item % TASTES === taste ? TAKES.same : TAKES.other))
        (random.uniform() < HELD_OUT ? taken.heldOut : taken.known).add(item);
    return taken;
  });
}

/** Edges both ways between users and items, weighted 1 / √(degree of the one · degree of the other). */
function bipartite(users: readonly Taken[]) {
  const pairs = users.flatMap(({ known }, user) => [...known].map((item) => [user, USERS + item]));
  const degree = new Float32Array(USERS + ITEMS);
  for (const node of pairs.flat()) degree[node]++;
  const scale = pairs.map(([user, item]) => 1 / Math.sqrt(degree[user] * degree[item]));
  return {
    senders: Int32Array.from([...pairs.map(([user]) => user), ...pairs.map(([, item]) => item)]),
    receivers: Int32Array.from([...pairs.map(([, item]) => item), ...pairs.map(([user]) => user)]),
    scale: Float32Array.from([...scale, ...scale]),
  } satisfies Feed;
}

/** Users with an item that they took and one that they did not, as far as is known. */
function sampleTriples(users: readonly Taken[], random: Random) {
  const known = users.flatMap(({ known }, user) => [...known].map((item) => [user, item]));
  const triples = Array.from({ length: 1000 }, () => {
    const [user, positive] = known[random.int(known.length)];
    let negative = random.int(ITEMS);
    while (users[user].known.has(negative)) negative = random.int(ITEMS);
    return { user, positive, negative };
  });
  return {
    user: Int32Array.from(triples, ({ user }) => user),
    positive: Int32Array.from(triples, ({ positive }) => positive),
    negative: Int32Array.from(triples, ({ negative }) => negative),
  } satisfies Feed;
}
