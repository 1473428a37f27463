import { describe, expect, it } from 'vitest';
import { blockBootstrap, Random } from '../../core/base/index.ts';
import { intervalScore, normalQuantile, pinball } from '../../core/train/metrics/distribution.ts';
import { distributionFigures } from '../../core/train/metrics/index.ts';

const Z90 = 1.2815515655446004;

/** Φ by the trapezium rule on its density. */
function normalShare(z: number): number {
  const steps = 4000;
  const width = (z + 10) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const x = -10 + i * width;
    sum += Math.exp(-0.5 * x * x) * (i === 0 || i === steps ? 0.5 : 1);
  }
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

/** CRPS of a log-normal forecast in closed form (Baran & Lerch 2015, eq. 8). */
function logNormalCrps(mu: number, sigma: number, y: number): number {
  const omega = (Math.log(y) - mu) / sigma;
  return (
    y * (2 * normalShare(omega) - 1) -
    2 * Math.exp(mu + sigma ** 2 / 2) * (normalShare(omega - sigma) + normalShare(sigma / Math.SQRT2) - 1)
  );
}

function logNormal(mu: number, sigma: number, count: number) {
  return {
    medianS: new Float64Array(count).fill(Math.exp(mu)),
    low80S: new Float64Array(count).fill(Math.exp(mu - Z90 * sigma)),
    high80S: new Float64Array(count).fill(Math.exp(mu + Z90 * sigma)),
  };
}

describe('distribution figures', () => {
  it('invert the normal distribution', () => {
    for (const z of [-3, -1.5, -0.1, 0, 0.4, 1.2815515655446004, 2.2, 3.5])
      expect(normalQuantile(normalShare(z))).toBeCloseTo(z, 5);
  });

  it('score quantiles and intervals by their definitions', () => {
    expect(
      [pinball(0.1, 50, 70), pinball(0.1, 50, 40), pinball(0.9, 50, 70)].map((v) => v.toFixed(9)),
    ).toEqual([2, 9, 18].map((v) => v.toFixed(9)));
    expect(intervalScore(0.2, 100, 130, 120)).toBe(30);
    expect(intervalScore(0.2, 100, 130, 95)).toBeCloseTo(30 + 50, 12);
    expect(intervalScore(0.2, 100, 130, 140)).toBeCloseTo(30 + 100, 12);
  });

  it.each([250, 300, 480])('the CRPS of a log-normal forecast is its closed form (observed %i s)', (y) => {
    const [mu, sigma] = [Math.log(300), 0.2];
    const { crpsS } = distributionFigures(logNormal(mu, sigma, 1), [y]);
    expect(Math.abs(crpsS / logNormalCrps(mu, sigma, y) - 1)).toBeLessThan(0.01);
  });

  it('a forecast that is right is covered as it says; one that is too sure is not', () => {
    const random = new Random(1);
    const observed = Float64Array.from({ length: 20_000 }, () => 300 * Math.exp(0.2 * random.normal()));
    const { calibration } = distributionFigures(logNormal(Math.log(300), 0.2, 20_000), observed);
    expect(calibration.map(({ nominal }) => nominal)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    for (const { nominal, covered } of calibration) expect(Math.abs(covered - nominal)).toBeLessThan(0.012);
    const sure = distributionFigures(logNormal(Math.log(300), 0.1, 20_000), observed).calibration;
    // Half the scale: an 80 % interval of ±1.28 σ′ is ±0.64 σ, which holds 47.8 %.
    expect(sure[7].covered).toBeCloseTo(2 * normalShare(Z90 / 2) - 1, 1.7);
  });

  it('a bound on the wrong side of the median counts as the median; one that is no time is a mistake of ours', () => {
    const { calibration, crpsS } = distributionFigures(
      { medianS: [100], low80S: [110], high80S: [120] },
      [100],
    );
    expect(calibration.every(({ covered }) => covered === 1)).toBe(true);
    expect(crpsS).toBeGreaterThan(0);
    expect(() => distributionFigures({ medianS: [100], low80S: [0], high80S: [120] }, [100])).toThrow(
      'internal',
    );
  });
});

describe('the block bootstrap', () => {
  const mean = (means: Float64Array) => means[0];

  it('bounds a mean of independent rows as theory does', () => {
    const random = new Random(2);
    const values = Float64Array.from({ length: 400 }, () => 5 + 3 * random.normal());
    const [{ value, low, high }] = blockBootstrap([...values.keys()], [values], [mean], new Random(3));
    const average = values.reduce((a, b) => a + b) / 400;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / 400);
    expect(value).toBeCloseTo(average, 12);
    expect((high - low) / ((2 * 1.96 * deviation) / 20)).toBeGreaterThan(0.9);
    expect((high - low) / ((2 * 1.96 * deviation) / 20)).toBeLessThan(1.1);
  });

  it('takes rows of a block as one: copies add nothing', () => {
    const random = new Random(4);
    const values = Float64Array.from({ length: 60 }, () => random.normal());
    const blocks = [...values.keys()];
    const copied = (items: ArrayLike<number>) => Float64Array.from({ length: 600 }, (_, i) => items[i % 60]);
    const [once] = blockBootstrap(blocks, [values], [mean], new Random(5));
    const [tenTimes] = blockBootstrap(copied(blocks), [copied(values)], [mean], new Random(5));
    expect(tenTimes.low).toBeCloseTo(once.low, 12);
    expect(tenTimes.high).toBeCloseTo(once.high, 12);
  });

  it('pairs: what both share is no uncertainty of the difference', () => {
    const random = new Random(6);
    const shared = Float64Array.from({ length: 50 }, () => 100 * random.normal());
    const [difference, ownOnly] = blockBootstrap(
      [...shared.keys()],
      [shared, shared.map((v) => v + 2)],
      [(means) => means[1] - means[0], mean],
      new Random(7),
    );
    expect(difference.value).toBeCloseTo(2, 9);
    expect(difference.high - difference.low).toBeLessThan(1e-9);
    expect(ownOnly.high - ownOnly.low).toBeGreaterThan(20);
  });
});
