/** Where the rows of a table start: uniform in ±spread. */
export interface RowStart {
  readonly seed: number;
  readonly spread: number;
}

/**
 * Writes the starting values of a row: a hash of seed, row and column and of nothing else, so that they depend
 * neither on the table's size nor on the order in which rows are first touched.
 */
export function writeStartRow(
  target: Float32Array,
  at: number,
  width: number,
  row: number,
  { seed, spread }: RowStart,
): void {
  const key = mix(row ^ mix(seed));
  const scale = (2 * spread) / 2 ** 24;
  for (let column = 0; column < width; column++) {
    const bits = mix(key ^ Math.imul(column + 1, 0x9e3779b9)) >>> 8;
    target[at + column] = (bits + 0.5) * scale - spread;
  }
}

/** A bijection of 32 bits in which every bit of the result hangs on every bit given (Wellons' `lowbias32`). */
function mix(x: number): number {
  let bits = x ^ (x >>> 16);
  bits = Math.imul(bits, 0x7feb352d);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x846ca68b);
  return bits ^ (bits >>> 16);
}
