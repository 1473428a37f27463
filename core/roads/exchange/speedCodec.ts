import { EtalonError } from '../../base/index.ts';
import { WEEK_BINS } from './weekBins.ts';

/** How many coefficients of the cosine transform Valhalla keeps of a week. */
export const COEFFICIENTS = 200;
const CODE_BYTES = 2 * COEFFICIENTS;
/** The first byte of codes of an older form, which is one byte longer. */
const OLD_FORM = 1;

const HALF = WEEK_BINS / 2;
const NORM = Math.sqrt(2 / WEEK_BINS);

/** [200 · 1008] √(2/2016) · cos(π/2016 · (n + ½) · k); the other half of the week mirrors it. Row 0 also holds 1/√2. */
let table: Float64Array | undefined;

function cosines(): Float64Array {
  if (table) return table;
  table = new Float64Array(COEFFICIENTS * HALF);
  for (let k = 0; k < COEFFICIENTS; k++)
    for (let n = 0; n < HALF; n++)
      table[k * HALF + n] = NORM * (k === 0 ? Math.SQRT1_2 : Math.cos((Math.PI / WEEK_BINS) * (n + 0.5) * k));
  return table;
}

/**
 * The first 200 coefficients of a week's orthonormal DCT-II, each rounded to a whole number:
 *   c_k = √(2/2016) · a_k · Σ_n v_n cos(π/2016 · (n + ½) · k),  a_0 = 1/√2, else 1.
 * This is Valhalla's form of weekly speeds (`valhalla/baldr/predictedspeeds.h`).
 * @param week [2016] km/h of each five minutes from Sunday 00:00 on
 */
export function compressWeek(week: Float32Array): Int16Array {
  const cosine = cosines();
  // cos(π/N (N − 1 − n + ½) k) = (−1)^k cos(π/N (n + ½) k): both halves of the week share a row of the table.
  const sum = new Float64Array(HALF);
  const difference = new Float64Array(HALF);
  for (let n = 0; n < HALF; n++) {
    sum[n] = week[n] + week[WEEK_BINS - 1 - n];
    difference[n] = week[n] - week[WEEK_BINS - 1 - n];
  }
  const coefficients = new Int16Array(COEFFICIENTS);
  for (let k = 0; k < COEFFICIENTS; k++) {
    const folded = k % 2 === 0 ? sum : difference;
    const row = k * HALF;
    let total = 0;
    for (let n = 0; n < HALF; n++) total += folded[n] * cosine[row + n];
    coefficients[k] = rounded(total);
  }
  return coefficients;
}

/** Half away from zero, as C's `roundf`; `Math.round` takes −0.5 to 0. */
function rounded(value: number): number {
  const whole = Math.sign(value) * Math.round(Math.abs(value));
  if (whole >= -32768 && whole <= 32767) return whole;
  throw new Error(`internal: a week of speeds has the coefficient ${value}, beyond 16 bits`);
}

/** [2016] km/h of each five minutes from Sunday 00:00 on: the inverse transform (DCT-III) of 200 coefficients. */
export function decompressWeek(coefficients: Int16Array): Float32Array {
  const cosine = cosines();
  const even = new Float64Array(HALF);
  const odd = new Float64Array(HALF);
  for (let k = 0; k < COEFFICIENTS; k++) {
    const coefficient = coefficients[k];
    if (coefficient === 0) continue;
    const folded = k % 2 === 0 ? even : odd;
    const row = k * HALF;
    for (let n = 0; n < HALF; n++) folded[n] += coefficient * cosine[row + n];
  }
  const week = new Float32Array(WEEK_BINS);
  for (let n = 0; n < HALF; n++) {
    week[n] = even[n] + odd[n];
    week[WEEK_BINS - 1 - n] = even[n] - odd[n];
  }
  return week;
}

/** Coefficients as text: 16 bits each, the high byte first, in base64. */
export function encodeCoefficients(coefficients: Int16Array): string {
  const bytes = Buffer.alloc(CODE_BYTES);
  coefficients.forEach((coefficient, k) => {
    bytes.writeInt16BE(coefficient, 2 * k);
  });
  return bytes.toString('base64');
}

/** Reads what {@link encodeCoefficients} writes, and the older form that begins with a byte 1. Throws `input`. */
export function decodeCoefficients(text: string): Int16Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new EtalonError('input', 'The weekly speeds are not base64 text.');
  const bytes = Buffer.from(text, 'base64');
  const old = bytes.length === CODE_BYTES + 1 && bytes[0] === OLD_FORM;
  if (!old && bytes.length !== CODE_BYTES)
    throw new EtalonError(
      'input',
      `The weekly speeds hold ${bytes.length} bytes where ${COEFFICIENTS} coefficients take ${CODE_BYTES}.`,
    );
  const begin = old ? 1 : 0;
  return Int16Array.from({ length: COEFFICIENTS }, (_, k) => bytes.readInt16BE(begin + 2 * k));
}
