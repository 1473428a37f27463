import {
  abs,
  add,
  div,
  exp,
  log,
  max,
  maxOver,
  mul,
  relu,
  reshape,
  sqrt,
  square,
  step,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
} from '../tensor/index.ts';

/** A function of each value by itself. */
export type Activation = (x: Tensor) => Tensor;

/** x as it is. */
export const identity: Activation = (x) => x;

/** x above 0, slope·x below, 0 < slope < 1. The factor is constant wherever it has a derivative, so that the gradient is one product. */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return mul(x, max(step(x), slope));
}

/** x above 0, eˣ − 1 below (Clevert et al. 2016, α = 1). */
export const elu: Activation = (x) => {
  const above = relu(x);
  return add(above, sub(exp(sub(x, above)), 1));
};

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel 2016, §2, the approximation by tanh). */
export const gelu: Activation = (x) => {
  const inner = mul(x, add(mul(square(x), 0.044715 * Math.sqrt(2 / Math.PI)), Math.sqrt(2 / Math.PI)));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
};

/** exp(x) / Σ exp(x) over an axis, the last by default; no power overflows. */
export function softmax(x: Tensor, axis = x.shape.length - 1): Tensor {
  const powers = exp(sub(x, stopGradient(maxOver(x, [axis], true))));
  return div(powers, sum(powers, [axis], true));
}

/** log Σ exp(x) over an axis, the last by default, which is left out of the result; no power overflows. */
export function logSumExp(x: Tensor, axis = x.shape.length - 1): Tensor {
  const largest = stopGradient(maxOver(x, [axis], true));
  const total = add(log(sum(exp(sub(x, largest)), [axis], true)), largest);
  return reshape(
    total,
    x.shape.filter((_, i) => i !== axis),
  );
}

/** Each row divided by its Euclidean norm: [n, width] → [n, width]; a row of zeros stays one. */
export function l2Normalise(x: Tensor): Tensor {
  return div(x, sqrt(add(sum(square(x), [1], true), 1e-12)));
}

/** 1 where numbers are equal, else 0. */
export function isEqual(a: Tensor, b: Tensor): Tensor {
  return sub(1, step(abs(sub(a, b))));
}
