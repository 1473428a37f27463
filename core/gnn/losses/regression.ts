import {
  abs,
  add,
  exp,
  min,
  mul,
  neg,
  type Operand,
  relu,
  square,
  sub,
  type Tensor,
} from '../../tensor/index.ts';

/** |error|, value by value, of any shape. An error is predicted − observed, here and below. */
export const l1 = (error: Tensor): Tensor => abs(error);

/** error², value by value; its mean is the MSE. */
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

/**
 * Pinball loss of the τ-quantile (Koenker & Bassett 1978), value by value: τ · |error| where the prediction is too low,
 * (1 − τ) · |error| where it is too high; in one line max(error, 0) − τ · error. `level` is τ in (0, 1), or a row of
 * levels [1, q] for errors [n, q] of q quantiles.
 */
export function quantile(error: Tensor, level: Operand): Tensor {
  return sub(relu(error), mul(error, level));
}
