import { describe, expect, it } from 'vitest';
import { randomAt, randomKeys } from '../../core/tensor/index.ts';

const N = 1 << 18;

function draw(seed: number, stream: number): Float64Array {
  const keys = randomKeys(seed, stream);
  return Float64Array.from({ length: N }, (_, i) => randomAt(keys, i));
}

/** (χ² − its mean) / its deviation, of counts that should be equal. */
function excess(counts: ArrayLike<number>): number {
  const expected = Array.from(counts).reduce((a, b) => a + b) / counts.length;
  const chi2 = Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chi2 - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

function countCells(cells: number, cellOf: (i: number) => number): Int32Array {
  const counts = new Int32Array(cells);
  for (let i = 0; i < N - 1; i++) counts[cellOf(i)]++;
  return counts;
}

describe('random numbers by element', () => {
  it('hold in float32 and lie in [0, 1)', () => {
    const values = draw(1, 0);
    expect(values.every((value) => value >= 0 && value < 1 && Math.fround(value) === value)).toBe(true);
  });

  it.each([
    [0, 0],
    [1, 0],
    [-5, 0],
    [1, 1],
    [123_456, 4_000_000_000],
  ])('are uniform, and so are neighbours in pairs (seed %i, stream %i)', (seed, stream) => {
    const values = draw(seed, stream);
    const low = (x: number) => Math.floor(x * 2 ** 24) & 255;
    expect(Math.abs(excess(countCells(1024, (i) => Math.floor(values[i] * 1024))))).toBeLessThan(4);
    expect(Math.abs(excess(countCells(256, (i) => low(values[i]))))).toBeLessThan(4);
    const pair = (i: number) => Math.floor(values[i] * 32) * 32 + Math.floor(values[i + 1] * 32);
    expect(Math.abs(excess(countCells(1024, pair)))).toBeLessThan(4);
  });

  it.each([
    ['neighbouring seeds', draw(7, 0), draw(8, 0)],
    ['neighbouring streams', draw(7, 0), draw(7, 1)],
    ['a seed and a stream exchanged', draw(7, 2), draw(2, 7)],
  ])('have nothing in common between %s', (_what, a, b) => {
    const together = (i: number) => Math.floor(a[i] * 32) * 32 + Math.floor(b[i] * 32);
    expect(Math.abs(excess(countCells(1024, together)))).toBeLessThan(4);
    // Nor are they the same numbers in another order: equal ones are as many as chance gives, N² / 2²⁴.
    const seen = new Set(a);
    const shared = b.reduce((count, value) => count + Number(seen.has(value)), 0);
    expect(shared / (N * (1 - Math.exp(-N / 2 ** 24)))).toBeCloseTo(1, 1);
  });
});
