import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy, areaUnderRoc, averagePrecision, likeliestClass } from '../../core/train/index.ts';

/** Scores with many ties, and labels of both kinds. */
const SCORED = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 1 })), { minLength: 2 })
  .filter((rows) => rows.some(([, label]) => label === 1) && rows.some(([, label]) => label === 0))
  .map((rows) => ({ scores: rows.map(([score]) => score / 2), labels: rows.map(([, label]) => label) }));

describe('area under the ROC curve', () => {
  it('is the share of pairs in the right order, ties half', () => {
    fc.assert(
      fc.property(SCORED, ({ scores, labels }) => {
        const of = (label: number) => scores.filter((_, i) => labels[i] === label);
        const pairs = of(1).flatMap((p) => of(0).map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
        const expected = pairs.reduce<number>((a, b) => a + b, 0) / pairs.length;
        expect(areaUnderRoc(scores, labels)).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('has no value for one kind of label', () => {
    expect(() => areaUnderRoc([1, 2], [1, 1])).toThrow('2 positives and 0 negatives');
  });
});

describe('average precision', () => {
  it('sums precision by the recall that each threshold adds', () => {
    fc.assert(
      fc.property(SCORED, ({ scores, labels }) => {
        const positives = labels.filter((label) => label === 1).length;
        const at = (threshold: number) => {
          const taken = labels.filter((_, i) => scores[i] >= threshold);
          const found = taken.filter((label) => label === 1).length;
          return { recall: found / positives, precision: found / taken.length };
        };
        let expected = 0;
        let before = 0;
        for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
          const { recall, precision } = at(threshold);
          expected += (recall - before) * precision;
          before = recall;
        }
        expect(averagePrecision(scores, labels)).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('is 1 where positives come first, whatever their scores', () => {
    expect(averagePrecision([9, 8, 1, 0], [1, 1, 0, 0])).toBe(1);
  });
});

it('accuracy counts equal entries, and refuses to judge nothing', () => {
  expect(accuracy(Int32Array.of(2, 0, 1, 1), [2, 1, 1, 1])).toBe(0.75);
  expect(() => accuracy([], [])).toThrow('0 labels');
  expect(() => accuracy([1], [1, 2])).toThrow('1 predictions for 2 labels');
});

it('the likeliest class is the first of the largest scores', () => {
  expect([...likeliestClass([0.1, 0.9, 0.3, -1, -2, -1, 5, 5, 5], 3)]).toEqual([1, 0, 0]);
});

it('what is not a number is not ranked in silence', () => {
  expect(() => likeliestClass([0, Number.NaN], 2)).toThrow('row 0');
  expect(() => areaUnderRoc([1, Number.NaN], [0, 1])).toThrow('row 1');
  expect(() => areaUnderRoc([1], [0, 1])).toThrow('row 1');
});
