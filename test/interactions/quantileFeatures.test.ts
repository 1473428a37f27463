import { expect, it } from 'vitest';
import { fitKnots, quantileFeatures } from '../../core/interactions/index.ts';

it('puts knots at quantiles, fewer where they fall together, and none where there is nothing to tell', () => {
  const ages = Float64Array.from([30, 10, 20, 40, 50, Number.NaN]);
  expect(fitKnots(ages, 3)).toEqual([10, 30, 50]);
  expect(fitKnots(Float64Array.of(1, 1, 1, 1, 7), 3)).toEqual([1, 7]);
  expect(fitKnots(Float64Array.of(4, 4, Number.NaN), 3)).toEqual([]);
  expect(fitKnots(Float64Array.of(Number.NaN), 3)).toEqual([]);
});

it('says between which knots a number lies', () => {
  const { names, values } = quantileFeatures(
    'age',
    Float64Array.of(10, 15, 45, 5, 99, Number.NaN),
    [10, 30, 50],
  );
  expect(names).toEqual(['age about 10', 'age about 30', 'age about 50']);
  expect([...values]).toEqual([1, 0, 0, 0.75, 0.25, 0, 0, 0.25, 0.75, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
});
