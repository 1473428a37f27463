import { mul, square, sub, sum, type Tensor } from '../tensor/index.ts';
import { l2Normalise } from './functions.ts';

/** a·b, row by row: [n, d], [n, d] → [n, 1]. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b), [1], true);
}

/** ‖a − b‖², row by row: [n, d], [n, d] → [n, 1]. */
export function squaredDistance(a: Tensor, b: Tensor): Tensor {
  return sum(square(sub(a, b)), [1], true);
}

/** The cosine of the angle between a and b, row by row: [n, d], [n, d] → [n, 1] in −1 … 1; 0 for a row of zeros. */
export function cosine(a: Tensor, b: Tensor): Tensor {
  return dot(l2Normalise(a), l2Normalise(b));
}

/** 1 − cosine: [n, d], [n, d] → [n, 1] in 0 … 2. */
export function cosineDistance(a: Tensor, b: Tensor): Tensor {
  return sub(1, cosine(a, b));
}
