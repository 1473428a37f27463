import { add, div, mul, sqrt, square, sub, sum, type Tensor } from '../tensor/index.ts';

/** a·b, row by row: [n, d], [n, d] → [n, 1]. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b), [1], true);
}

/** ‖a − b‖², row by row: [n, d], [n, d] → [n, 1]. */
export function squaredDistance(a: Tensor, b: Tensor): Tensor {
  return sum(square(sub(a, b)), [1], true);
}

/** x / ‖x‖, row by row: [n, d]. A row of zeros stays one. */
export function unitRows(x: Tensor): Tensor {
  return div(x, sqrt(add(sum(square(x), [1], true), SMALLEST_SQUARE)));
}

/** The cosine of the angle between a and b, row by row: [n, d], [n, d] → [n, 1] in −1 … 1. */
export function cosine(a: Tensor, b: Tensor): Tensor {
  return dot(unitRows(a), unitRows(b));
}

/** 1 − cosine: [n, d], [n, d] → [n, 1] in 0 … 2. */
export function cosineDistance(a: Tensor, b: Tensor): Tensor {
  return sub(1, cosine(a, b));
}

/** Added under the root, so that the gradient of a row of zeros stays finite (ours). */
const SMALLEST_SQUARE = 1e-12;
