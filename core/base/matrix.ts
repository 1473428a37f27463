import { EtalonError } from './errors.ts';

/** Sweeps of the Jacobi method at most; a matrix of some hundreds of rows takes about ten. */
const MOST_SWEEPS = 60;
/** Columns count as orthogonal when their cosine is below this. */
const TOLERANCE = 1e-12;

/** A = U diag(s) Vᵀ of a square matrix, row by row; U and V orthonormal, singular values falling. */
export interface Svd {
  u: Float64Array;
  values: Float64Array;
  v: Float64Array;
}

/** Singular value decomposition by one-sided Jacobi rotations (Hestenes 1958): the columns of A are turned until they are orthogonal. */
export function svd(matrix: Float64Array, n: number): Svd {
  // Columns as rows, so that a rotation runs along memory.
  const columns = transpose(matrix, n);
  const turns = identity(n);
  for (let sweep = 0; ; sweep++) {
    if (sweep === MOST_SWEEPS)
      throw new EtalonError('internal', 'internal: the singular values do not converge');
    let largest = 0;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) largest = Math.max(largest, orthogonalise(columns, turns, n, p, q));
    if (largest < TOLERANCE) break;
  }
  return sorted(columns, turns, n);
}

/** Turns rows p and q of both arrays so that those of `columns` are orthogonal. Returns the cosine that they had. */
function orthogonalise(columns: Float64Array, turns: Float64Array, n: number, p: number, q: number): number {
  const alpha = product(columns, p, columns, p, n);
  const beta = product(columns, q, columns, q, n);
  const gamma = product(columns, p, columns, q, n);
  const scale = Math.sqrt(alpha * beta);
  if (scale === 0 || Math.abs(gamma) < TOLERANCE * scale) return 0;
  const zeta = (beta - alpha) / (2 * gamma);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  rotate(columns, n, p, q, cosine, cosine * tangent);
  rotate(turns, n, p, q, cosine, cosine * tangent);
  return Math.abs(gamma) / scale;
}

function rotate(rows: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0; i < n; i++) {
    const a = rows[p * n + i];
    const b = rows[q * n + i];
    rows[p * n + i] = cosine * a - sine * b;
    rows[q * n + i] = sine * a + cosine * b;
  }
}

function sorted(columns: Float64Array, turns: Float64Array, n: number): Svd {
  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sqrt(product(columns, i, columns, i, n)));
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b] - lengths[a] || a - b);
  const [u, v] = [new Float64Array(n * n), new Float64Array(n * n)];
  const least = lengths[order[0]] * n * Number.EPSILON;
  order.forEach((from, to) => {
    const column = columns.subarray(from * n, (from + 1) * n);
    if (lengths[from] > least) for (let i = 0; i < n; i++) u[to * n + i] = column[i] / lengths[from];
    else complete(u, n, to);
    v.set(turns.subarray(from * n, (from + 1) * n), to * n);
  });
  return { u: transpose(u, n), values: Float64Array.from(order, (i) => lengths[i]), v: transpose(v, n) };
}

/** Makes row `at` a unit vector orthogonal to the rows above it: the axis that they cover least, without its part in them. */
function complete(rows: Float64Array, n: number, at: number): void {
  const covered = (axis: number) => {
    let sum = 0;
    for (let row = 0; row < at; row++) sum += rows[row * n + axis] ** 2;
    return sum;
  };
  const axis = Array.from({ length: n }, (_, i) => i).reduce((a, b) => (covered(b) < covered(a) ? b : a));
  rows[at * n + axis] = 1;
  // Twice: once leaves what rounding left.
  for (let pass = 0; pass < 2; pass++)
    for (let row = 0; row < at; row++) {
      const part = product(rows, at, rows, row, n);
      for (let i = 0; i < n; i++) rows[at * n + i] -= part * rows[row * n + i];
    }
  const length = Math.sqrt(product(rows, at, rows, at, n));
  for (let i = 0; i < n; i++) rows[at * n + i] /= length;
}

function product(a: Float64Array, row: number, b: Float64Array, other: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[row * n + i] * b[other * n + i];
  return sum;
}

export function transpose(matrix: Float64Array, n: number): Float64Array {
  const turned = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) turned[j * n + i] = matrix[i * n + j];
  return turned;
}

export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}

/** A [rows, inner] · B [inner, columns]. */
export function multiply(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const [rows, columns] = [a.length / inner, b.length / inner];
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k];
      for (let j = 0; j < columns; j++) result[i * columns + j] += factor * b[k * columns + j];
    }
  return result;
}

/** Σ a b */
export function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
