import type { BinaryName, UnaryName } from '../../../../tensor/program.ts';

/**
 * WGSL leaves the accuracy of its own functions loose (sin and cos: 2⁻¹¹, log near 1: 2⁻²¹ absolute, tanh overflows
 * on some drivers), so those that matter are written out here. Each entry: the call, and the functions it needs.
 */
interface UnaryCode {
  readonly call: (x: string) => string;
  readonly needs?: readonly (keyof typeof FUNCTIONS)[];
}

export const UNARY_CODE: Record<UnaryName, UnaryCode> = {
  neg: { call: (x) => `-${x}` },
  reciprocal: { call: (x) => `1f / ${x}` },
  square: { call: (x) => `${x} * ${x}` },
  sqrt: { call: (x) => `sqrt(${x})` },
  exp: { call: (x) => `exp(${x})` },
  log: { call: (x) => `logOf(${x})`, needs: ['log1pSeries', 'logOf'] },
  abs: { call: (x) => `abs(${x})` },
  sign: { call: (x) => `sign(${x})` },
  step: { call: (x) => `select(0f, 1f, ${x} > 0f)` },
  relu: { call: (x) => `select(0f, ${x}, ${x} > 0f)` },
  tanh: { call: (x) => `tanhOf(${x})`, needs: ['tanhOf'] },
  sigmoid: { call: (x) => `sigmoidOf(${x})`, needs: ['sigmoidOf'] },
  softplus: { call: (x) => `softplusOf(${x})`, needs: ['log1pSeries', 'softplusOf'] },
  sin: { call: (x) => `sinOf(${x}, 0)`, needs: ['sinOf'] },
  cos: { call: (x) => `sinOf(${x}, 1)`, needs: ['sinOf'] },
};

export const BINARY_CODE: Record<BinaryName, (a: string, b: string) => string> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  max: (a, b) => `max(${a}, ${b})`,
  min: (a, b) => `min(${a}, ${b})`,
};

export const FUNCTIONS = {
  // log(1 + e) = 2 artanh(e / (2 + e)), for −0.3 < e ≤ 1; the next term is under 2e-7 of the sum.
  log1pSeries: `fn log1pSeries(e: f32) -> f32 {
  let s = e / (2f + e);
  let q = s * s;
  return 2f * s * (1f + q * (0.33333334f + q * (0.2f + q * (0.14285715f + q * (0.11111111f + q * 0.09090909f)))));
}`,
  logOf: `fn logOf(x: f32) -> f32 {
  if (abs(x - 1f) < 0.25f) { return log1pSeries(x - 1f); }
  return log(x);
}`,
  softplusOf: `fn softplusOf(x: f32) -> f32 {
  return max(x, 0f) + log1pSeries(exp(-abs(x)));
}`,
  sigmoidOf: `fn sigmoidOf(x: f32) -> f32 {
  let e = exp(-abs(x));
  let d = 1f / (1f + e);
  return select(e * d, d, x >= 0f);
}`,
  // Near 0 the polynomial of Cephes' tanhf, which keeps the relative accuracy that 1 − 2/(e²ˣ + 1) loses.
  tanhOf: `fn tanhOf(x: f32) -> f32 {
  let a = min(abs(x), 15f);
  if (a < 0.625f) {
    let z = x * x;
    return x + x * z * ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z
      + 1.33314422036e-1f) * z - 3.33332819422e-1f);
  }
  return sign(x) * (1f - 2f / (exp(2f * a) + 1f));
}`,
  // `randomAt` of core/tensor/random.ts.
  mix: `fn mixBits(value: u32, key: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du + key;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}`,
  randomOf: `fn randomOf(i: u32, seed: i32, stream: u32) -> f32 {
  let first = mixBits(u32(seed) ^ mixBits(stream, 0u), 0u);
  return f32(mixBits(i + first, mixBits(first, 0x9e3779b9u)) >> 8u) * 5.9604644775390625e-8f;
}`,
  // sin(x + quarters · π/2): Cody and Waite's reduction to ±π/4, then the polynomials of Cephes' sinf and cosf.
  sinOf: `fn sinOf(x: f32, quarters: i32) -> f32 {
  let k = round(x * 0.63661977f);
  let r = ((x - k * 1.5703125f) - k * 4.837512969970703e-4f) - k * 7.549789954891882e-8f;
  let z = r * r;
  let s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  let c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1f;
  let quadrant = (i32(k) + quarters) & 3;
  let value = select(s, c, (quadrant & 1) == 1);
  return select(value, -value, quadrant >= 2);
}`,
} as const;

/** A finite number as an f32 literal. */
export function literal(value: number): string {
  const limit = 3.4028234663852886e38;
  const rounded = Math.min(Math.max(Math.fround(value), -limit), limit);
  return `f32(${rounded})`;
}
