import { expect, it } from 'vitest';
import { type Features, featureMatrix, fitFeatures } from '../../core/interactions/index.ts';

const NAN = Number.NaN;
const features: Features = {
  age: { kind: 'numeric', values: Float64Array.of(10, 20, 30, NAN) },
  same: { kind: 'numeric', values: Float64Array.of(4, 4, 4, 4) },
  home: {
    kind: 'coordinates',
    longitude: Float64Array.of(8, 10, NAN, 12),
    latitude: Float64Array.of(50, 52, NAN, 54),
  },
  tags: {
    kind: 'multi',
    categories: ['x', 'y', 'z'],
    offsets: Uint32Array.of(0, 2, 3, 3, 5),
    codes: Int32Array.of(0, 1, 0, 0, 1),
  },
  words: { kind: 'text', values: ['a', 'b', 'c', null] },
};

function rowsOf({ names, values }: { names: readonly string[]; values: Float32Array }): number[][] {
  return [0, 1, 2, 3].map((row) => [...values.subarray(row * names.length, (row + 1) * names.length)]);
}

function expectRows(actual: number[][], expected: number[][]): void {
  actual.forEach((row, i) => {
    row.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[i][k], 5);
    });
  });
}

it('numbers and degrees become deviations, categories shares of a row; what is missing is 0', () => {
  const matrix = featureMatrix(fitFeatures(features), features, 4);
  expect(matrix.names).toEqual(['age', 'home longitude', 'home latitude', 'tags x', 'tags y']);
  const one = Math.sqrt(3 / 2);
  const half = Math.SQRT1_2;
  expectRows(rowsOf(matrix), [
    [-one, -one, -one, half, half],
    [0, 0, 0, 1, 0],
    [one, 0, 0, 0, 0],
    [0, one, one, half, half],
  ]);
});

it('keeps only as many categories as it is told, the most frequent ones', () => {
  const encoding = fitFeatures(features, { mostCategories: 1 });
  expect(featureMatrix(encoding, features, 4).names).toEqual([
    'age',
    'home longitude',
    'home latitude',
    'tags x',
  ]);
});

it('treats later values as those that it was fitted to, and a column of another kind as missing', () => {
  const encoding = JSON.parse(JSON.stringify(fitFeatures(features)));
  const later: Features = {
    age: { kind: 'numeric', values: Float64Array.of(20) },
    home: { kind: 'text', values: ['here'] },
  };
  expect([...featureMatrix(encoding, later, 1).values]).toEqual([0, 0, 0, 0, 0]);
});
