import { describe, expect, it } from 'vitest';
import { choleskySolve, Random } from '../../core/base/index.ts';
import { conjugateGradients } from '../../core/roads/profiles/linearSolve.ts';
import { TimedSums } from '../../core/roads/profiles/timedSums.ts';

/** Mᵀ·M + I of a random M, row-major. */
function randomPositiveDefinite(n: number, random: Random): Float64Array {
  const m = Float64Array.from({ length: n * n }, () => random.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += m[k * n + i] * m[k * n + j];
      a[i * n + j] = sum;
    }
  return a;
}

function multiply(a: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from({ length: n }, (_, i) =>
    x.reduce((sum, value, j) => sum + a[i * n + j] * value, 0),
  );
}

describe('solving linear systems', () => {
  const random = new Random(1);
  const n = 30;
  const a = randomPositiveDefinite(n, random);
  const known = Float64Array.from({ length: n }, () => random.normal());
  const b = multiply(a, known);

  it('Cholesky finds the vector the right side was made from', () => {
    const x = choleskySolve(a.slice(), b.slice());
    for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(known[i], 8);
  });

  it('Cholesky refuses a matrix that is not positive definite', () => {
    expect(() => choleskySolve(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1))).toThrow('positive');
  });

  it('conjugate gradients find the same, from any start', () => {
    const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
    const apply = (x: Float64Array, out: Float64Array) => out.set(multiply(a, x));
    for (const start of [0, 5]) {
      const x = new Float64Array(n).fill(start);
      const iterations = conjugateGradients(apply, diagonal, b, x, { maxIterations: 300, tolerance: 1e-12 });
      expect(iterations).toBeLessThan(300);
      for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(known[i], 7);
    }
  });

  it('conjugate gradients stop at once when they start at the solution, and at the limit otherwise', () => {
    const apply = (x: Float64Array, out: Float64Array) => out.set(multiply(a, x));
    const ones = new Float64Array(n).fill(1);
    const limits = { maxIterations: 2, tolerance: 1e-9 };
    expect(conjugateGradients(apply, ones, b, known.slice(), limits)).toBe(0);
    expect(conjugateGradients(apply, ones, b, new Float64Array(n), limits)).toBe(2);
  });
});

describe('sums over spans of time', () => {
  it('equal those counted one by one', () => {
    const random = new Random(2);
    const events = Array.from({ length: 400 }, () => ({
      group: random.int(5),
      timeS: random.int(50),
      value: random.normal(),
    }));
    const sums = new TimedSums(
      6,
      events.map(({ group }) => group),
      events.map(({ timeS }) => timeS),
      [events.map(() => 1), events.map(({ value }) => value)],
    );
    for (let trial = 0; trial < 200; trial++) {
      const group = random.int(6);
      const from = random.int(60) - 5;
      const until = from + random.int(30);
      const inside = events.filter((e) => e.group === group && e.timeS >= from && e.timeS < until);
      const [low, high] = [sums.position(group, from), sums.position(group, until)];
      expect(high - low).toBe(inside.length);
      expect(sums.sum(0, low, high)).toBe(inside.length);
      expect(sums.sum(1, low, high)).toBeCloseTo(
        inside.reduce((total, { value }) => total + value, 0),
        9,
      );
    }
  });
});
