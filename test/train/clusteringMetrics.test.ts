import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  adjustedRandIndex,
  edgeHomophily,
  normalisedMutualInformation,
} from '../../core/train/metrics/clustering.ts';

/** Hubert & Arabie 1985 as scikit-learn documents it: adjusted_rand_score([0, 0, 1, 2], [0, 0, 1, 1]) = 0.57… */
const [FINE, COARSE] = [
  [0, 0, 1, 2],
  [0, 0, 1, 1],
];

describe('adjusted Rand index', () => {
  it('has the known values', () => {
    expect(adjustedRandIndex(FINE, COARSE)).toBeCloseTo(4 / 7, 12);
    expect(adjustedRandIndex([0, 0, 1, 1], [1, 1, 0, 0])).toBeCloseTo(1, 12);
    expect(adjustedRandIndex([0, 0, 0, 0], [0, 1, 2, 3])).toBeCloseTo(0, 12);
    expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12);
  });

  it('is what counting pairs one by one gives', () => {
    const [a, b] = drawn(40, 4);
    let [both, inA, inB, all] = [0, 0, 0, 0];
    for (let i = 0; i < a.length; i++)
      for (let j = 0; j < i; j++) {
        all++;
        inA += Number(a[i] === a[j]);
        inB += Number(b[i] === b[j]);
        both += Number(a[i] === a[j] && b[i] === b[j]);
      }
    const byChance = (inA * inB) / all;
    expect(adjustedRandIndex(a, b)).toBeCloseTo((both - byChance) / ((inA + inB) / 2 - byChance), 12);
  });
});

describe('normalised mutual information', () => {
  it('has the known values', () => {
    // I = H(coarse) = ln 2, H(fine) = 1.5 ln 2.
    expect(normalisedMutualInformation(FINE, COARSE)).toBeCloseTo(1 / Math.sqrt(1.5), 12);
    expect(normalisedMutualInformation([0, 0, 1, 1], [1, 1, 0, 0])).toBeCloseTo(1, 12);
    expect(normalisedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(0, 12);
    expect(normalisedMutualInformation([0, 0, 0], [0, 1, 2])).toBe(0);
  });

  it('is low for labels that know nothing of each other', () => {
    const [a, b] = drawn(4000, 5);
    expect(normalisedMutualInformation(a, b)).toBeLessThan(0.01);
    expect(Math.abs(adjustedRandIndex(a, b))).toBeLessThan(0.01);
  });
});

describe('homophily of edges', () => {
  it('counts edges within a label, and what ends drawn anew would give', () => {
    const labels = [0, 0, 1, 1];
    const { share, byChance } = edgeHomophily(labels, [0, 0, 2, 1], [1, 2, 3, 3]);
    expect(share).toBe(2 / 4);
    // Labels of senders: 0 three times, 1 once; of receivers: 0 once, 1 three times.
    expect(byChance).toBeCloseTo((3 * 1 + 1 * 3) / 16, 12);
  });
});

function drawn(count: number, labels: number): [number[], number[]] {
  const random = new Random(8);
  const draw = () => Array.from({ length: count }, () => random.int(labels));
  return [draw(), draw()];
}
