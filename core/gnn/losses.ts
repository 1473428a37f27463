import { abs, add, div, exp, max, min, mul, neg, square, sub, sum, type Tensor } from '../tensor/index.ts';

/** |error| */
export const l1 = (error: Tensor): Tensor => abs(error);

/** error² */
export const l2 = (error: Tensor): Tensor => square(error);

/** ½ error² up to δ, δ (|error| − ½ δ) beyond (Huber 1964): with c = min(|error|, δ), c (|error| − ½ c). */
export function huber(error: Tensor, delta: number): Tensor {
  const size = abs(error);
  const clipped = min(size, delta);
  return mul(clipped, sub(size, mul(clipped, 0.5)));
}

/** −log N(error; 0, σ²) without its constant: log σ + ½ (error / σ)². */
export function gaussianNll(error: Tensor, logSigma: Tensor): Tensor {
  return add(logSigma, mul(square(mul(error, exp(neg(logSigma)))), 0.5));
}

/** Mean of losses [n] or [n, 1] with weights of the same shape; 0 where all weights are 0. */
export function weightedMean(losses: Tensor, weights: Tensor): Tensor {
  return div(sum(mul(losses, weights)), max(sum(weights), 1e-6));
}
