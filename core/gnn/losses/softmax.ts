import { gather, matmul, mul, reshape, softplus, sub, sum, type Tensor } from '../../tensor/index.ts';
import { isEqual, logSumExp } from '../functions.ts';
import { dot } from '../similarity.ts';

/**
 * Categorical cross-entropy: −log softmax(z)[label] = log Σ_c exp z_c − z_label. Logits [n, classes], labels [n] (i32,
 * 0 … classes − 1) → [n, 1]. A device refuses a label outside of the classes: a row without one takes any, and the weight 0.
 */
export function categoricalCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const ofLabel = sum(mul(logits, oneHot(labels, logits.shape[1] as number)), [1], true);
  return sub(rowLogSumExp(logits), ofLabel);
}

/** What a sampled softmax takes for one item of each row, or for several. */
export interface SampledScores {
  /** [n, 1] of the positives, [n, k] of the negatives; k may be a symbol. */
  scores: Tensor;
  /** Log of the probability with which sampling draws the item: [n, 1] of the positives, [1, k] or [n, k] of the negatives. */
  logQ: Tensor;
}

/**
 * Sampled softmax with log-Q correction (Bengio & Senécal 2008; Yi et al. 2019, §3), [n, 1]: with corrected
 * scores s′ = s − log Q, −log(exp s′⁺ / (exp s′⁺ + Σ_j exp s′_j)), so that an item is not pushed down for being drawn often.
 * `hits` [n, k] is 1 where a negative is the row's own positive: such accidental hits are left out of the sum.
 */
export function sampledSoftmax(positives: SampledScores, negatives: SampledScores, hits: Tensor): Tensor {
  const positive = sub(positives.scores, positives.logQ);
  const negative = sub(sub(negatives.scores, negatives.logQ), mul(hits, FAR_BELOW));
  return softplus(sub(rowLogSumExp(negative), positive));
}

/**
 * Sampled softmax over the items of the batch (Yi et al. 2019, §3), [n, 1]: row i of `items` [n, d] is the positive of row i
 * of `queries` [n, d], the other rows are its negatives, but for those that are the same item. `ids` [n, 1] says which are:
 * equal numbers for equal items, whole and below 2²⁴. `logQ` [n, 1] is the log of each item's probability in a batch.
 */
export function inBatchSoftmax(queries: Tensor, items: Tensor, ids: Tensor, logQ: Tensor): Tensor {
  const scores = matmul(queries, items, { transposeB: true });
  const asRow = (column: Tensor) => reshape(column, [1, column.shape[0]]);
  return sampledSoftmax(
    { scores: dot(queries, items), logQ },
    { scores, logQ: asRow(logQ) },
    isEqual(ids, asRow(ids)),
  );
}

/** log Σ exp over the columns: [n, k] → [n, 1]. */
function rowLogSumExp(x: Tensor): Tensor {
  return reshape(logSumExp(x), [x.shape[0], 1]);
}

/** 1 in the column of each row's label, 0 elsewhere: [n] (i32) → [n, classes]. */
function oneHot(labels: Tensor, classes: number): Tensor {
  const numbers = Array.from({ length: classes }, (_, i) => i);
  const { trace } = labels;
  return isEqual(
    gather(trace.constant(numbers, [classes, 1]), labels),
    trace.constant(numbers, [1, classes]),
  );
}

/** Lowers a score below any other's reach: its share of the sum is then exactly 0 in float32 (ours). */
const FAR_BELOW = 1e9;
