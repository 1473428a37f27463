import {
  type Dim,
  div,
  exp,
  expand,
  gather,
  max,
  mul,
  reciprocal,
  reshape,
  segmentMax,
  segmentSum,
  stopGradient,
  sub,
  type Tensor,
} from '../tensor/index.ts';
import { type Draws, dropout } from './dropout.ts';

/** How the messages that reach a node become one value, and nodes the value of their graph; of none: 0. */
export type Aggregation = 'sum' | 'mean' | 'max';

/** Rows [m, width] of equal index made one: [segments, width]. */
export function aggregate(kind: Aggregation, x: Tensor, index: Tensor, segments: Dim): Tensor {
  switch (kind) {
    case 'sum':
      return segmentSum(x, index, segments);
    case 'mean':
      return segmentMean(x, index, segments);
    case 'max':
      return segmentMax(x, index, segments);
    default:
      throw kind satisfies never;
  }
}

/** How often each segment stands in the index: [m] → [segments, 1]. */
export function segmentCounts(index: Tensor, segments: Dim): Tensor {
  const ones = expand(index.trace.constant(1), index);
  return reshape(segmentSum(ones, index, segments), [segments, 1]);
}

/** The mean of the rows of each segment: [m, width] → [segments, width]; 0 where there is none. */
export function segmentMean(x: Tensor, index: Tensor, segments: Dim): Tensor {
  return mul(segmentSum(x, index, segments), reciprocal(max(segmentCounts(index, segments), 1)));
}

/** exp(x) / Σ exp(x) within each segment, column by column: [m, heads] → [m, heads]; no power overflows. */
export function segmentSoftmax(x: Tensor, index: Tensor, segments: Dim): Tensor {
  const powers = segmentPowers(x, index, segments);
  return div(powers, gather(segmentSum(powers, index, segments), index));
}

/** exp(x − the segment's largest x), so that the sum of a segment is at least 1. */
function segmentPowers(x: Tensor, index: Tensor, segments: Dim): Tensor {
  const largest = stopGradient(segmentMax(x, index, segments));
  return exp(sub(x, gather(largest, index)));
}

export interface AttentionOptions {
  /** Share of the attention weights that training drops. */
  dropout?: number;
  draws?: Draws | undefined;
}

/**
 * Σ α v over each segment, head by head, where α is the softmax of the scores within the segment: values [m, heads, width]
 * or, one for all heads, [m, 1, width]; scores [m, heads] → [segments, heads, width]. The sum is divided, not each of its terms:
 * the same, at the cost of the segments instead of that of the rows.
 */
export function attend(
  values: Tensor,
  scores: Tensor,
  index: Tensor,
  segments: Dim,
  { dropout: rate = 0, draws }: AttentionOptions = {},
): Tensor {
  const [rows, heads] = scores.shape;
  const powers = segmentPowers(scores, index, segments);
  const weights = reshape(dropout(powers, rate, draws), [rows, heads, 1]);
  const total = segmentSum(mul(values, weights), index, segments);
  // Sums are 0 or at least 1: a bound in between never ties with one.
  const norm = max(segmentSum(powers, index, segments), 0.5);
  return mul(total, reshape(reciprocal(norm), [segments, heads, 1]));
}
