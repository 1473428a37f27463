/**
 * The numbers of the operation `random`: a hash of the element's number under two keys, so that they can be computed
 * in any order, on any device, to the same bits. All arithmetic is that of unsigned 32-bit integers.
 * The rounds and constants are those of "lowbias32" (C. Wellons, Prospecting for hash functions, 2018); the second
 * key goes in between them, so that no two streams are one another's permutation.
 */
export interface RandomKeys {
  first: number;
  second: number;
}

const FACTORS = [0x7feb352d, 0x846ca68b] as const;

/** The keys of a seed (int32) and a stream. */
export function randomKeys(seed: number, stream: number): RandomKeys {
  const first = mix((seed | 0) ^ mix(stream, 0), 0);
  return { first, second: mix(first, 0x9e3779b9) };
}

/** The number of element i, in [0, 1): a multiple of 2⁻²⁴, which float32 holds exactly. */
export function randomAt({ first, second }: RandomKeys, i: number): number {
  return (mix((i + first) | 0, second) >>> 8) * 2 ** -24;
}

function mix(value: number, key: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), FACTORS[0]) + key;
  x = Math.imul(x ^ (x >>> 15), FACTORS[1]);
  return x ^ (x >>> 16);
}
