import { EtalonError } from '../../base/index.ts';
import {
  add,
  concat,
  maxOver,
  mean,
  mul,
  type Operand,
  relu,
  reshape,
  softplus,
  stopGradient,
  sub,
  type Tensor,
} from '../../tensor/index.ts';
import { isEqual } from '../functions.ts';

/**
 * Pairwise hinge (Herbrich et al. 2000; Joachims 2002): max(0, s⁻ − s⁺ + margin). Scores of positives [n, 1] and of
 * negatives [n, 1] or [n, k] → one value for each pair.
 */
export function pairwiseHinge(positive: Tensor, negative: Tensor, margin: number): Tensor {
  return relu(add(sub(negative, positive), margin));
}

/**
 * Pairwise logistic loss, BPR (Rendle et al. 2009, §4.1): −log σ(s⁺ − s⁻) = softplus(s⁻ − s⁺). Scores of positives
 * [n, 1] and of negatives [n, 1] or [n, k] → one value for each pair. BPR's regularisation is `l2Penalty`.
 */
export function pairwiseLogistic(positive: Tensor, negative: Tensor): Tensor {
  return softplus(sub(negative, positive));
}

/**
 * Triplet loss max(0, D(a, p) − D(a, n) + margin) of embeddings [n, d] → [n, 1]: FaceNet (Schroff et al. 2015, §3.1)
 * with D = `squaredDistance` of rows of norm 1, embedding-based retrieval (Huang et al. 2020, §2.2) with D = `cosineDistance`.
 */
export function triplet(
  { anchor, positive, negative }: { anchor: Tensor; positive: Tensor; negative: Tensor },
  margin: number,
  distance: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  return relu(add(sub(distance(anchor, positive), distance(anchor, negative)), margin));
}

/**
 * Max-margin loss with sampled negatives (PinSage: Ying et al. 2018, eq. 1; friend retrieval: Shi et al. 2023): the mean
 * over k negatives of max(0, s⁻ − s⁺ + margin). Scores [n, 1] and [n, k] → [n, 1]; k may be a symbol, as of negatives that
 * a batch shares: `matmul(queries, negatives, { transposeB: true })`.
 */
export function maxMargin(positive: Tensor, negatives: Tensor, margin: number): Tensor {
  return mean(pairwiseHinge(positive, negatives, margin), [1], true);
}

export interface TwoMarginOptions {
  /** Δₙ and αₙ, for negatives. */
  negativeMargin: number;
  negativeWeight: Operand;
  /** Δₗ < Δₙ and αₗ, for low-rank positives; a weight [n, 1] is 0 where a row has none. */
  lowRankMargin: number;
  lowRankWeight: Operand;
}

/**
 * Two margins with low-rank positives (Uber Eats, Jain et al. 2019): αₙ max(0, −s⁺ + sⁿ + Δₙ) + αₗ max(0, −s⁺ + sˡ + Δₗ),
 * where l is a dish that the same user ordered less often: above a negative, below the positive, by a smaller margin. The
 * mean over several negatives [n, k] or low-rank positives [n, m] of each row; positives [n, 1] → [n, 1].
 * Throws `internal` unless Δₗ < Δₙ.
 */
export function twoMargin(
  { positive, negatives, lowRank }: { positive: Tensor; negatives: Tensor; lowRank: Tensor },
  { negativeMargin, negativeWeight, lowRankMargin, lowRankWeight }: TwoMarginOptions,
): Tensor {
  if (lowRankMargin >= negativeMargin)
    throw new EtalonError(
      'internal',
      `internal: the margin of low-rank positives (${lowRankMargin}) must be smaller than that of negatives (${negativeMargin})`,
    );
  return add(
    mul(maxMargin(positive, negatives, negativeMargin), negativeWeight),
    mul(maxMargin(positive, lowRank, lowRankMargin), lowRankWeight),
  );
}

/** Below any score's reach: what is ruled out is then never among the hardest (ours). */
const RULED_OUT = 1e4;

/**
 * Online hard negatives (Huang et al. 2020, §6.1.1): of the scores [n, k] of each row with every candidate of the batch the `count`
 * highest that are no positive of it, [n, count], the highest first. A candidate is ruled out where its id [1, k] is the row's own
 * [n, 1]; of equal scores all but one are passed over. A row without so many left has scores of −10⁴ and less, which no hinge minds.
 * Throws `internal` for a count below 1.
 */
export function hardestNegatives(scores: Tensor, own: Tensor, ids: Tensor, count: number): Tensor {
  if (!(count >= 1)) throw new EtalonError('internal', `internal: ${count} hard negatives are none`);
  let left = sub(scores, mul(isEqual(own, ids), RULED_OUT));
  const hardest: Tensor[] = [];
  for (let k = 0; k < count; k++) {
    const highest = maxOver(left, [1], true);
    hardest.push(reshape(highest, [scores.shape[0], 1]));
    if (k + 1 < count) left = sub(left, mul(stopGradient(isEqual(left, highest)), RULED_OUT));
  }
  return count === 1 ? hardest[0] : concat(hardest);
}
