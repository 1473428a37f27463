import { breathe, type Random, randomStream, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { InteractionData } from '../data.ts';
import type { Scorer } from '../evaluation/index.ts';
import { InteractionNegatives } from '../negatives.ts';
import { rowOf } from '../pairs.ts';
import { type KnownEdges, knownEdges, scorerByUser } from './pairScorer.ts';

export interface BprSettings {
  factors: number;
  learningRate: number;
  /** λ of the squared parameters that a step touches. */
  regularisation: number;
  epochs: number;
  seed: number;
  /** Negatives by popularity to this power; 0: every item alike. */
  negativesAlpha?: number;
}

/** Deviation of the first factors. */
const INITIAL_DEVIATION = 0.1;

/** [users · factors], [items · factors], [items] */
export interface BprFactors {
  users: Float32Array;
  items: Float32Array;
  bias: Float32Array;
}

/**
 * Matrix factorisation by Bayesian personalised ranking (Rendle et al. 2009). score(u, i) = b_i + p_u · q_i; for each known pair (u, i)
 * and a negative j drawn for it one step of gradient descent on
 *   −ln σ(x) + λ/2 (‖p_u‖² + ‖q_i‖² + ‖q_j‖² + b_i² + b_j²),  x = score(u, i) − score(u, j).
 * An epoch takes every pair once, in a new order. `onEpoch` may look at the model after each, and stop by `false`.
 */
export async function bprMf(
  data: InteractionData,
  type: string,
  settings: BprSettings,
  context: TaskContext,
  onEpoch: (epoch: number, scorer: Scorer) => Promise<boolean> = async () => true,
): Promise<Scorer> {
  const known = knownEdges(data, type);
  const negatives = new InteractionNegatives(data, type, settings.negativesAlpha ?? 0);
  const factors = initialFactors(known, settings);
  const scorer = bprScorer(known.items, factors, settings.factors);
  const { users, positives } = trainingPairs(known);
  const order = Int32Array.from(users.keys());
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const random = randomStream(settings.seed, epoch);
    random.shuffle(order);
    const drawn = negatives.drawFor(users, 1, random);
    for (const pair of order)
      bprStep(factors, settings, { user: users[pair], positive: positives[pair], negative: drawn[pair] });
    context.report({ stage: 'Training BPR-MF', done: epoch, total: settings.epochs, unit: 'epochs' });
    throwIfCancelled(context.signal);
    await breathe();
    if (!(await onEpoch(epoch, scorer))) break;
  }
  return scorer;
}

/** Pairs of users who know less than everything: the others have no negatives, and nothing to learn. */
function trainingPairs({ users: userCount, items, itemsOf }: KnownEdges): {
  users: Int32Array;
  positives: Int32Array;
} {
  const users: number[] = [];
  const positives: number[] = [];
  for (let user = 0; user < userCount; user++) {
    const own = rowOf(itemsOf, user);
    if (own.length === items) continue;
    for (const item of own) {
      users.push(user);
      positives.push(item);
    }
  }
  return { users: Int32Array.from(users), positives: Int32Array.from(positives) };
}

function initialFactors({ users, items }: KnownEdges, { factors, seed }: BprSettings): BprFactors {
  const random = randomStream(seed, 0);
  const drawn = (count: number, from: Random) =>
    Float32Array.from({ length: count }, () => INITIAL_DEVIATION * from.normal());
  return {
    users: drawn(users * factors, random),
    items: drawn(items * factors, random),
    bias: new Float32Array(items),
  };
}

export interface BprTriple {
  user: number;
  positive: number;
  negative: number;
}

/**
 * θ ← θ − η ∂loss/∂θ for one triple, with e = σ(−x):
 *   ∂/∂p_u = −e (q_i − q_j) + λ p_u,  ∂/∂q_i = −e p_u + λ q_i,  ∂/∂q_j = e p_u + λ q_j,  ∂/∂b_i = −e + λ b_i,  ∂/∂b_j = e + λ b_j
 */
export function bprStep(
  { users, items, bias }: BprFactors,
  { factors, learningRate, regularisation }: Pick<BprSettings, 'factors' | 'learningRate' | 'regularisation'>,
  { user, positive, negative }: BprTriple,
): void {
  const [u, i, j] = [user * factors, positive * factors, negative * factors];
  let x = bias[positive] - bias[negative];
  for (let k = 0; k < factors; k++) x += users[u + k] * (items[i + k] - items[j + k]);
  const e = 1 / (1 + Math.exp(x));
  for (let k = 0; k < factors; k++) {
    const [p, q, r] = [users[u + k], items[i + k], items[j + k]];
    users[u + k] = p + learningRate * (e * (q - r) - regularisation * p);
    items[i + k] = q + learningRate * (e * p - regularisation * q);
    items[j + k] = r + learningRate * (-e * p - regularisation * r);
  }
  bias[positive] += learningRate * (e - regularisation * bias[positive]);
  bias[negative] += learningRate * (-e - regularisation * bias[negative]);
}

function bprScorer(itemCount: number, { users, items, bias }: BprFactors, factors: number): Scorer {
  return scorerByUser(itemCount, (user, scores) => {
    const own = users.subarray(user * factors, (user + 1) * factors);
    for (let item = 0; item < itemCount; item++) {
      let score = bias[item];
      for (let k = 0, at = item * factors; k < factors; k++, at++) score += own[k] * items[at];
      scores[item] = score;
    }
  });
}
