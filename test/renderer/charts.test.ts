import { describe, expect, it } from 'vitest';
import type { ApiRunInfo } from '../../core/api/contract.ts';
import {
  histogram,
  linear,
  niceRange,
  quantile,
  spreadLabels,
  ticks,
  valueAt,
} from '../../renderer/charts/scale.ts';
import { unitWarning } from '../../renderer/data/units.ts';
import { errorDomain, learnedCurves, lowest } from '../../renderer/train/figures.ts';

describe('axes', () => {
  it.each([
    [0, 10, 5, [0, 2, 4, 6, 8, 10]],
    [0.82, 1.01, 2, [0.9, 1]],
    [-3, 4, 4, [-2, 0, 2, 4]],
    [5, 5, 4, [5]],
  ])('from %d to %d has round ticks', (low, high, count, wanted) => {
    expect(ticks(low, high, count)).toEqual(wanted);
  });

  it('widens to round ends that hold all values', () => {
    for (const [low, high] of [
      [0.37, 9.1],
      [88, 141],
      [-0.02, 0.005],
    ] as const) {
      const [from, to] = niceRange(low, high, 4);
      expect(from).toBeLessThanOrEqual(low);
      expect(to).toBeGreaterThanOrEqual(high);
    }
  });

  it('inverts its own scale', () => {
    const scale = linear([2, 8], [100, 40]);
    expect([scale(2), scale(8), scale(5)]).toEqual([100, 40, 70]);
    expect(scale.invert(scale(3.3))).toBeCloseTo(3.3);
  });

  it('moves labels apart without changing their order', () => {
    const extents = [16, 12, 10, 20];
    const placed = spreadLabels([50, 48, 49, 10], extents, [0, 100]);
    const order = (values: number[]) => values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
    expect(order(placed)).toEqual(order([50, 48, 49, 10]));
    const sorted = order(placed);
    sorted.slice(1).forEach((next, i) => {
      const room = (extents[next]! + extents[sorted[i]!]!) / 2;
      expect(placed[next]! - placed[sorted[i]!]!).toBeGreaterThanOrEqual(room);
    });
    expect(Math.max(...spreadLabels([99, 98, 97], [12, 12, 12], [0, 100]))).toBeLessThanOrEqual(94);
  });
});

describe('figures', () => {
  it('reads a line between its points and holds it beyond its ends', () => {
    const line = [
      [0, 0],
      [10, 5],
      [20, 30],
    ] as const;
    expect([-1, 0, 4, 15, 99].map((x) => valueAt(line, x))).toEqual([0, 0, 2, 17.5, 30]);
  });

  it('counts every finite value once', () => {
    const counts = histogram([-5, 0, 0.5, 9.99, 10, 50, Number.NaN], 0, 10, 5);
    expect(counts).toEqual([3, 0, 0, 0, 3]);
  });

  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('finds the best epoch, the first of equals', () => {
    expect(
      lowest([
        [0, 9],
        [1, 4],
        [2, 6],
        [3, 4],
      ]),
    ).toEqual([1, 4]);
    expect(lowest([])).toBeNull();
  });

  it('leaves a far baseline off the common error axis, never a model', () => {
    const [low, high] = errorDomain([91, 180], [122, 103, 231])!;
    expect(low).toBeLessThan(91);
    expect(high).toBeGreaterThanOrEqual(180);
    expect(high).toBeLessThan(231);
    expect(errorDomain([], [])).toBeNull();
  });
});

describe('unit mistakes', () => {
  it('show in the median speed', () => {
    expect(unitWarning(32)).toBeNull();
    expect(unitWarning(32 * 60)).toContain('minutes');
    expect(unitWarning(32 / 1000)).toContain('milliseconds');
    expect(unitWarning(Number.NaN)).toBeNull();
  });
});

describe('what MetaGradients learned', () => {
  const run = (settings: object) => ({ config: { settings } }) as ApiRunInfo;
  const points = [
    { epoch: 2, name: 'learningRate', value: 0.002 },
    { epoch: 1, name: 'learningRate', value: 0.001 },
    { epoch: 1, name: 'weight.nodeHuber', value: 0.6 },
    { epoch: 2, name: 'weight.nodeHuber', value: 0.15 },
  ];

  it('is the rate, and each weight over the one that was given', () => {
    expect(learnedCurves(run({ metaGradients: 'rateAndWeights', nodeHuber: 0.3 }), points)).toEqual({
      rate: {
        name: 'learning rate',
        points: [
          [1, 0.001],
          [2, 0.002],
        ],
      },
      weights: [
        {
          name: 'nodeHuber',
          points: [
            [1, 2],
            [2, 0.5],
          ],
        },
      ],
    });
  });

  it('is nothing where they are off, unknown, or no epoch is over', () => {
    expect(learnedCurves(run({ metaGradients: 'off' }), points)).toBeNull();
    expect(learnedCurves(run({}), points)).toBeNull();
    expect(learnedCurves(run({ metaGradients: 'rate' }), undefined)).toBeNull();
  });
});
