import { identity, multiply, type Random, svd, type TaskContext, transpose } from '../../base/index.ts';
import { decode, encode, type ProductQuantizer, partOf, trainQuantizer } from './quantizer.ts';

/** y = A x; the rows of A [outputs, inputs] are orthonormal, so that products and distances are kept, or nearly. */
export interface Projection {
  readonly inputs: number;
  readonly outputs: number;
  readonly matrix: Float32Array;
}

/** Rows [count, inputs] → [count, outputs]. */
export function project({ inputs, outputs, matrix }: Projection, rows: Float32Array): Float32Array {
  const count = rows.length / inputs;
  const projected = new Float32Array(count * outputs);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < outputs; i++) {
      let sum = 0;
      for (let j = 0; j < inputs; j++) sum += matrix[i * inputs + j] * rows[row * inputs + j];
      projected[row * outputs + i] = sum;
    }
  return projected;
}

export function keepAll(n: number): Projection {
  return { inputs: n, outputs: n, matrix: Float32Array.from(identity(n)) };
}

/**
 * Onto the directions in which rows [count, n] are largest: the first singular vectors of XᵀX. Not centred, as inner products
 * would then need the mean again; of all projections it loses the least of Σ ‖x‖².
 */
export function principalAxes(rows: Float32Array, n: number, outputs: number): Projection {
  const { u } = svd(products(rows, rows, n), n);
  return { inputs: n, outputs, matrix: Float32Array.from(transpose(u, n).subarray(0, outputs * n)) };
}

/** The first projection, then the second. */
export function chain(first: Projection, second: Projection): Projection {
  const matrix = multiply(Float64Array.from(second.matrix), Float64Array.from(first.matrix), first.outputs);
  return { inputs: first.inputs, outputs: second.outputs, matrix: Float32Array.from(matrix) };
}

export interface OptimizedQuantizer {
  rotation: Projection;
  quantizer: ProductQuantizer;
  /** Mean ‖R x − decode(encode(R x))‖² after each round. */
  errors: number[];
}

/** Lloyd iterations of a round, and of the first and the last. */
const ROUND_ITERATIONS = 2;
const LONG_ITERATIONS = 10;

/**
 * Optimized product quantisation (Ge, He, Ke & Sun 2013): a rotation R and codewords that together lose the least. It begins with the
 * principal axes dealt out so that every part has the same product of variances (§3.2), then in turns: codewords for the rotation (§3.1),
 * R = V Uᵀ of Σ x y′ᵀ = U S Vᵀ for the decoded y′ (orthogonal Procrustes).
 */
export async function optimizedQuantizer(
  rows: Float32Array,
  { n, bytes, rounds }: { n: number; bytes: number; rounds: number },
  random: Random,
  context: TaskContext,
): Promise<OptimizedQuantizer> {
  let rotation = balancedAxes(rows, n, bytes);
  let quantizer: ProductQuantizer | undefined;
  const errors: number[] = [];
  for (let round = 0; ; round++) {
    const turned = project(rotation, rows);
    const iterations = round === 0 || round === rounds ? LONG_ITERATIONS : ROUND_ITERATIONS;
    const start = quantizer && { from: quantizer };
    quantizer = await trainQuantizer(turned, { n, bytes, iterations, ...start }, random, context);
    const decoded = decode(quantizer, encode(quantizer, turned));
    errors.push(meanSquare(turned, decoded, n));
    if (round === rounds) return { rotation, quantizer, errors };
    const { u, v } = svd(products(rows, decoded, n), n);
    rotation = { inputs: n, outputs: n, matrix: Float32Array.from(multiply(v, transpose(u, n), n)) };
  }
}

/** Deals the principal axes to the parts, the largest first, each to the part with room whose product of variances is least. */
function balancedAxes(rows: Float32Array, n: number, bytes: number): Projection {
  const { u, values } = svd(products(rows, rows, n), n);
  const axes = transpose(u, n);
  const parts = Array.from({ length: bytes }, (_, part) => {
    const [begin, end] = partOf({ n, bytes }, part);
    return { next: begin, end, logProduct: 0 };
  });
  const least = values[0] * 1e-9;
  const matrix = new Float32Array(n * n);
  for (let axis = 0; axis < n; axis++) {
    const open = parts.filter(({ next, end }) => next < end);
    const part = open.reduce((a, b) => (b.logProduct < a.logProduct ? b : a));
    matrix.set(axes.subarray(axis * n, (axis + 1) * n), part.next++ * n);
    part.logProduct += Math.log(Math.max(values[axis], least) / Math.max(values[n - 1], least, 1e-300));
  }
  return { inputs: n, outputs: n, matrix };
}

/** Σ a bᵀ over rows [count, n] of both: [n, n]. */
function products(a: Float32Array, b: Float32Array, n: number): Float64Array {
  const sums = new Float64Array(n * n);
  for (let start = 0; start < a.length; start += n)
    for (let i = 0; i < n; i++) {
      const factor = a[start + i];
      for (let j = 0; j < n; j++) sums[i * n + j] += factor * b[start + j];
    }
  return sums;
}

function meanSquare(a: Float32Array, b: Float32Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / (a.length / n);
}
