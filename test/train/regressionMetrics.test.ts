import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { compareRegressions, evaluateRegression, gradedNdcgAt } from '../../core/train/index.ts';

const random = new Random(2);
const group = Int32Array.from({ length: 60 }, (_, row) => row % 20);
const observed = Float64Array.from(group, () => random.uniform());
const close = observed.map((value) => value + 0.1 * random.normal());
const far = observed.map((value) => value + 0.5 * random.normal());

describe('errors of predicted values', () => {
  it('are means over rows, within intervals that hold them', () => {
    const { figures } = evaluateRegression({ predicted: close, observed, group });
    const errors = close.map((value, row) => value - observed[row]);
    const mean = (of: (error: number) => number) => errors.reduce((sum, e) => sum + of(e), 0) / 60;
    expect(figures.mse.value).toBeCloseTo(
      mean((e) => e * e),
      12,
    );
    expect(figures.mae.value).toBeCloseTo(mean(Math.abs), 12);
    for (const { low, value, high } of Object.values(figures)) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });

  it('rank the rows of each group by what was predicted', () => {
    const { figures } = evaluateRegression({ predicted: far, observed, group });
    const perGroup = Array.from({ length: 20 }, (_, g) => {
      const rows = [g, g + 20, g + 40];
      const dcg = (order: number[]) =>
        order.reduce((sum, row, i) => sum + observed[row] / Math.log2(i + 2), 0);
      const ideal = dcg(rows.toSorted((a, b) => observed[b] - observed[a]));
      return dcg(rows.toSorted((a, b) => far[b] - far[a])) / ideal;
    });
    expect(figures['ndcg@10'].value).toBeCloseTo(perGroup.reduce((a, b) => a + b) / 20, 12);
  });

  it('have no ranking where values are below 0, and none of groups whose rows are alike', () => {
    const negative = evaluateRegression({ predicted: close, observed: observed.map((v) => v - 1), group });
    expect(negative.figures['ndcg@10']).toBeUndefined();
    const mixed = Float64Array.of(1, 1, 0, 2);
    const { figures } = evaluateRegression({
      predicted: Float64Array.of(0, 1, 1, 0),
      observed: mixed,
      group: Int32Array.of(0, 0, 1, 1),
    });
    expect(figures['ndcg@10'].value).toBeCloseTo(1 / Math.log2(3), 12);
  });

  it('say how far one is ahead of another, row by row', () => {
    const [better, worse] = [close, far].map((predicted) =>
      evaluateRegression({ predicted, observed, group }),
    );
    const gains = compareRegressions(better, worse);
    for (const name of ['mse', 'mae'])
      expect(gains[name].value).toBeCloseTo(worse.figures[name].value - better.figures[name].value, 12);
    expect(gains['ndcg@10'].value).toBeCloseTo(
      better.figures['ndcg@10'].value - worse.figures['ndcg@10'].value,
      12,
    );
    expect(gains.mse.low).toBeGreaterThan(0);
  });

  it('are not made of what is no number', () => {
    expect(() => evaluateRegression({ predicted: [Number.NaN], observed: [1], group: [0] })).toThrow(
      /not a number/,
    );
    expect(() => evaluateRegression({ predicted: [], observed: [], group: [] })).toThrow(/predictions/);
  });
});

describe('NDCG with gains of any size', () => {
  it('is 1 for the order of the gains and what the formula says for another', () => {
    expect(gradedNdcgAt(3, [3, 2, 1], [5, 4, 0])).toBe(1);
    const worst = (0 + 4 / Math.log2(3) + 5 / 2) / (5 + 4 / Math.log2(3));
    expect(gradedNdcgAt(3, [1, 2, 3], [5, 4, 0])).toBeCloseTo(worst, 12);
    expect(gradedNdcgAt(1, [1, 2, 3], [5, 4, 0])).toBe(0);
  });

  it('is the mean over all orders of equal scores at their places', () => {
    const orders = [
      [5, 4],
      [4, 5],
    ].map(([a, b]) => (a + b / Math.log2(3)) / (5 + 4 / Math.log2(3)));
    expect(gradedNdcgAt(2, [1, 1], [5, 4])).toBeCloseTo((orders[0] + orders[1]) / 2, 12);
  });

  it('needs something to gain', () => {
    expect(() => gradedNdcgAt(2, [1, 2], [0, 0])).toThrow(/gains/);
    expect(() => gradedNdcgAt(2, [1, 2], [-1, 1])).toThrow(/gains/);
  });
});
