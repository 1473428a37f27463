/**
 * How near two rows of numbers are, as a **key**: smaller is nearer, cheap to compute, and in the order of the metric's distance.
 * Both rows hold n float32 numbers, `a` from `aStart` and `b` from `bStart` on; sums are float64.
 */
export type Kernel = (a: Float32Array, aStart: number, b: Float32Array, bStart: number, n: number) => number;

/** Σ aᵢ bᵢ */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, n: number): number {
  const even = n & ~3;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i < even; i += 4) {
    s0 += a[aStart + i] * b[bStart + i];
    s1 += a[aStart + i + 1] * b[bStart + i + 1];
    s2 += a[aStart + i + 2] * b[bStart + i + 2];
    s3 += a[aStart + i + 3] * b[bStart + i + 3];
  }
  for (; i < n; i++) s0 += a[aStart + i] * b[bStart + i];
  return s0 + s1 + (s2 + s3);
}

export const negativeDot: Kernel = (a, aStart, b, bStart, n) => -dot(a, aStart, b, bStart, n);

/** Σ (aᵢ − bᵢ)² */
export const squaredDistance: Kernel = (a, aStart, b, bStart, n) => {
  const even = n & ~3;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i < even; i += 4) {
    const d0 = a[aStart + i] - b[bStart + i];
    const d1 = a[aStart + i + 1] - b[bStart + i + 1];
    const d2 = a[aStart + i + 2] - b[bStart + i + 2];
    const d3 = a[aStart + i + 3] - b[bStart + i + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; i < n; i++) {
    const d = a[aStart + i] - b[bStart + i];
    s0 += d * d;
  }
  return s0 + s1 + (s2 + s3);
};
