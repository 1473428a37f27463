import { innerProduct } from '../../base/index.ts';

/** Writes the product of a symmetric positive definite matrix with `x` into `out`. */
export type ApplyMatrix = (x: Float64Array, out: Float64Array) => void;

export interface ConjugateGradientOptions {
  maxIterations: number;
  /** Stops once the residual's norm has fallen to this fraction of the right side's. */
  tolerance: number;
}

/**
 * Solves A·x = b for a symmetric positive definite A that is only known by its products: conjugate gradients
 * with a diagonal preconditioner (Shewchuk 1994, algorithm B3). `x` holds the start and receives the solution.
 * Returns the number of iterations.
 */
export function conjugateGradients(
  apply: ApplyMatrix,
  diagonal: Float64Array,
  b: Float64Array,
  x: Float64Array,
  options: ConjugateGradientOptions,
): number {
  const n = b.length;
  const residual = new Float64Array(n);
  const direction = new Float64Array(n);
  const product = new Float64Array(n);
  apply(x, product);
  let rho = 0;
  for (let i = 0; i < n; i++) {
    residual[i] = b[i] - product[i];
    direction[i] = residual[i] / diagonal[i];
    rho += residual[i] * direction[i];
  }
  const limit = options.tolerance * Math.sqrt(innerProduct(b, b));
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    if (Math.sqrt(innerProduct(residual, residual)) <= limit) return iteration;
    apply(direction, product);
    const step = rho / innerProduct(direction, product);
    let nextRho = 0;
    for (let i = 0; i < n; i++) {
      x[i] += step * direction[i];
      residual[i] -= step * product[i];
      nextRho += (residual[i] * residual[i]) / diagonal[i];
    }
    const keep = nextRho / rho;
    rho = nextRho;
    for (let i = 0; i < n; i++) direction[i] = residual[i] / diagonal[i] + keep * direction[i];
  }
  return options.maxIterations;
}
