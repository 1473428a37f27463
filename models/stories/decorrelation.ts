import { multiply, svd, transpose } from '@etalon/core/base';
import { matmul, type Tensor } from '@etalon/core/tensor';
import { type Normalisation, scaledBy } from '../normalisation.ts';

/** Scaled columns, and how they are mixed so that they hang together no more. */
export interface Decorrelated extends Normalisation {
  /** [names · names] M, row by row, symmetric. */
  readonly mixing: readonly number[];
}

/** Directions with less variance than this are hardly stretched: they are noise for the most part. */
const RIDGE = 0.05;

/**
 * M = (C + ε)^−½ of the covariance C of scaled columns (ZCA: Bell & Sejnowski 1997), ε = {@link RIDGE}. Logarithms of counts and of their sums
 * are nearly the same, and what tells is their small difference (seconds a picture, viewed of posted): gradient descent finds it late, if at all,
 * unless all directions vary alike. Of all matrices that do so M changes the columns least, so that each still stands for what it is called.
 * @param values [rows, columns], raw
 */
export function decorrelated(values: Float32Array, scaling: Normalisation): Decorrelated {
  const width = scaling.mean.length;
  const lifted = covarianceOf(values, scaling).map((value, i) => value + (i % (width + 1) === 0 ? RIDGE : 0));
  const { values: spread, v } = svd(lifted, width);
  const stretched = transpose(v, width).map((value, i) => value / Math.sqrt(spread[Math.floor(i / width)]));
  const mixing = Array.from(multiply(v, stretched, width), (value) => Number(value.toPrecision(7)));
  return { ...scaling, mixing };
}

/** Raw rows [n, columns] scaled and mixed, then multiplied by a kernel [columns, outputs]: x M W as x (M W). */
export function mixedProduct(raw: Tensor, scaling: Decorrelated, kernel: Tensor): Tensor {
  const width = scaling.names.length;
  const mixing = raw.trace.constant(scaling.mixing, [width, width]);
  return matmul(scaledBy(raw, scaling), matmul(mixing, kernel));
}

/** [columns · columns] */
function covarianceOf(values: Float32Array, { mean, deviation }: Normalisation): Float64Array {
  const width = mean.length;
  const rows = values.length / width;
  const covariance = new Float64Array(width * width);
  const x = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) x[c] = (values[row * width + c] - mean[c]) / deviation[c];
    for (let a = 0; a < width; a++)
      for (let b = 0, at = a * width; b <= a; b++, at++) covariance[at] += (x[a] * x[b]) / rows;
  }
  for (let a = 0; a < width; a++)
    for (let b = 0; b < a; b++) covariance[b * width + a] = covariance[a * width + b];
  return covariance;
}
