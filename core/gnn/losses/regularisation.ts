import { abs, add, square, sum, type Tensor } from '../../tensor/index.ts';

/** Σ |w| over parameters of any shapes (lasso: Tibshirani 1996), a scalar. Its factor λ is its weight in `combineLosses`. */
export const l1Penalty = (parameters: readonly Tensor[]): Tensor => total(parameters, abs);

/** Σ w² over parameters of any shapes (ridge: Hoerl & Kennard 1970), a scalar; λ as above. */
export const l2Penalty = (parameters: readonly Tensor[]): Tensor => total(parameters, square);

function total(parameters: readonly Tensor[], size: (x: Tensor) => Tensor): Tensor {
  return parameters.map((parameter) => sum(size(parameter))).reduce((a, b) => add(a, b));
}
