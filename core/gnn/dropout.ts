import {
  cos,
  div,
  log,
  max,
  mul,
  random,
  type Shape,
  sqrt,
  step,
  sub,
  type Tensor,
  type Trace,
} from '../tensor/index.ts';

/** Keeps the logarithm finite. */
const SMALLEST = 2 ** -24;

/**
 * Random numbers for one trace, each use a stream of its own, in the order in which they are asked for. Layers are handed
 * one while training; without it they drop nothing.
 */
export class Draws {
  readonly #seed: Tensor;
  #streams = 0;

  /** Declares the scalar int32 input `seed`; the training loop feeds the number of the step. */
  constructor(trace: Trace) {
    this.#seed = trace.input('seed', [], 'i32');
  }

  /** Uniform in [0, 1). */
  uniform(shape: Shape): Tensor {
    return random(this.#seed, this.#streams++, shape);
  }

  /** Standard normal: √(−2 ln u) cos(2π v) of uniform u and v (Box & Muller 1958). No value is beyond 5.8. */
  normal(shape: Shape): Tensor {
    const radius = sqrt(mul(log(max(sub(1, this.uniform(shape)), SMALLEST)), -2));
    return mul(radius, cos(mul(this.uniform(shape), 2 * Math.PI)));
  }
}

/**
 * Each value is 0 with probability `rate`, else divided by 1 − rate, so that its mean stays (Srivastava et al. 2014, §10,
 * inverted). Without `draws`, which is how a model predicts, x as it is.
 */
export function dropout(x: Tensor, rate: number, draws: Draws | undefined): Tensor {
  if (!draws || rate === 0) return x;
  const kept = step(sub(draws.uniform(x.shape), rate));
  return mul(x, div(kept, 1 - rate));
}
