import { expect, it } from 'vitest';
import { linearValue, Random, ridgeRegression } from '../../core/base/index.ts';

const random = new Random(3);
const rows = Array.from({ length: 40 }, () => Array.from({ length: 4 }, () => random.normal()));
const targets = rows.map(([a, b]) => 2 * a - b + 0.5 + 0.1 * random.normal());

it('has no better neighbour: every small change of the weights makes the penalised error larger', () => {
  for (const penalty of [0, 0.1, 2]) {
    const [model] = ridgeRegression(rows, targets, [penalty]);
    const cost = (weights: Float64Array, intercept: number) =>
      rows.reduce((sum, row, i) => sum + (targets[i] - linearValue({ weights, intercept }, row)) ** 2, 0) /
        rows.length +
      penalty * weights.reduce((sum, weight) => sum + weight * weight, 0);
    const best = cost(model.weights, model.intercept);
    for (const change of [1e-3, -1e-3]) {
      expect(cost(model.weights, model.intercept + change)).toBeGreaterThan(best);
      for (let c = 0; c < 4; c++)
        expect(
          cost(
            model.weights.map((w, i) => (i === c ? w + change : w)),
            model.intercept,
          ),
        ).toBeGreaterThan(best);
    }
  }
});

it('gives back a linear function, and less of it the larger the penalty', () => {
  const exact = rows.map((row) => row[0] - 3 * row[2] + 4);
  const [plain, pulled] = ridgeRegression(rows, exact, [0, 1]);
  [1, 0, -3, 0].forEach((weight, c) => {
    expect(plain.weights[c]).toBeCloseTo(weight, 8);
  });
  expect(plain.intercept).toBeCloseTo(4, 8);
  expect(Math.hypot(...pulled.weights)).toBeLessThan(Math.hypot(...plain.weights));
});

it('says that columns which hang together have no one answer without a penalty', () => {
  const twice = rows.map(([a]) => [a, 2 * a]);
  expect(() => ridgeRegression(twice, targets, [0])).toThrow(RangeError);
  expect(ridgeRegression(twice, targets, [0.1])).toHaveLength(1);
});
