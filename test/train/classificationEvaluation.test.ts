import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  areaUnderRoc,
  averagePrecision,
  compareClassifications,
  compareDetections,
  evaluateClassification,
  evaluateDetection,
} from '../../core/train/index.ts';

it('counts accuracy, macro F1 and log loss by hand', () => {
  // Said: 0, 0, 1, 1, 2; was: 0, 1, 1, 1, 0.
  const probabilities = [0.8, 0.1, 0.1, 0.5, 0.4, 0.1, 0.1, 0.8, 0.1, 0.2, 0.5, 0.3, 0.25, 0.25, 0.5];
  const { figures } = evaluateClassification({ probabilities, labels: [0, 1, 1, 1, 0], classes: 3 });
  expect(figures.accuracy.value).toBeCloseTo(3 / 5, 12);
  // F1 of 0: 2·1/(2+2), of 1: 2·2/(2+3), of 2: 0.
  expect(figures.macroF1.value).toBeCloseTo((0.5 + 0.8 + 0) / 3, 12);
  const losses = [0.8, 0.4, 0.8, 0.5, 0.25].map((p) => -Math.log(p));
  expect(figures.logLoss.value).toBeCloseTo(losses.reduce((a, b) => a + b) / 5, 12);
  expect(figures.accuracy.low).toBeLessThan(0.6);
  expect(figures.accuracy.high).toBeGreaterThan(0.6);
});

it('compares two row by row: ahead means less loss', () => {
  const labels = Array.from({ length: 200 }, (_, row) => row % 2);
  const certain = (p: number) => labels.flatMap((label) => (label === 0 ? [p, 1 - p] : [1 - p, p]));
  const [good, fair] = [certain(0.9), certain(0.6)].map((probabilities) =>
    evaluateClassification({ probabilities, labels, classes: 2 }),
  );
  const gains = compareClassifications(good, fair);
  expect(gains.accuracy.value).toBe(0);
  expect(gains.logLoss.value).toBeCloseTo(Math.log(0.9 / 0.6), 12);
  expect(gains.logLoss.low).toBeCloseTo(Math.log(0.9 / 0.6), 12);
});

it('has AUC and average precision as their own functions do, ties among them, and intervals that shrink', () => {
  const random = new Random(4);
  const rows = (count: number) => {
    const labels = Array.from({ length: count }, () => random.int(2));
    const scores = labels.map((label) => Math.round(4 * (label + 1.5 * random.normal())) / 4);
    return { labels, scores };
  };
  const [few, many] = [rows(100), rows(3000)];
  for (const { scores, labels } of [few, many]) {
    const { figures } = evaluateDetection({ scores, labels });
    expect(figures.auc.value).toBeCloseTo(areaUnderRoc(scores, labels), 12);
    expect(figures.ap.value).toBeCloseTo(averagePrecision(scores, labels), 12);
    expect(figures.auc.low).toBeLessThan(figures.auc.value);
    expect(figures.auc.high).toBeGreaterThan(figures.auc.value);
  }
  const width = ({ scores, labels }: typeof few) => {
    const { low, high } = evaluateDetection({ scores, labels }).figures.auc;
    return high - low;
  };
  // Intervals fall with the root of the rows: √30 is about 5.5.
  expect(width(few) / width(many)).toBeGreaterThan(3.5);
  expect(width(few) / width(many)).toBeLessThan(8.5);
});

it('finds no difference between scores in the same order, whatever is resampled', () => {
  const labels = [1, 0, 1, 1, 0, 0, 1];
  const scores = [0.9, 0.2, 0.7, 0.4, 0.5, 0.1, 0.3];
  const [first, second] = [scores, scores.map((score) => score ** 3)].map((each) =>
    evaluateDetection({ scores: each, labels }),
  );
  const { auc } = compareDetections(first, second);
  expect([auc.value, auc.low, auc.high]).toEqual([0, 0, 0]);
});
