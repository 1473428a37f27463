import { describe, expect, it } from 'vitest';
import type { Point } from '../../renderer/api/types.ts';
import { cumulativeM, distanceM, pointAlong, splitAt } from '../../renderer/map/geometry.ts';
import {
  className,
  NO_PREDICTION,
  RATIO_BREAKS,
  SPEED_CLASSES,
  SPEED_RAMP,
  speedClass,
} from '../../renderer/map/ramp.ts';
import { luminance } from '../support/luminance.ts';

const contrast = (one: string, other: string) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

describe('speed ramp', () => {
  it('puts a ratio on a break into the faster class, and what has no value into none', () => {
    expect(RATIO_BREAKS.map(speedClass)).toEqual([0, 1, 2, 3, 4]);
    expect([1.2, 0.8999, 0.2999, 0].map(speedClass)).toEqual([0, 1, 5, 5]);
    expect(speedClass(Number.NaN)).toBe(NO_PREDICTION);
  });

  it('names every class by its limits', () => {
    expect(Array.from({ length: SPEED_CLASSES }, (_, k) => className(k))).toEqual([
      '0.90 or more',
      '0.75–0.90',
      '0.60–0.75',
      '0.45–0.60',
      '0.30–0.45',
      'under 0.30',
    ]);
  });

  it.each([
    ['light', '#f4f3ef', [1.6, 1.9, 2.7, 4.3, 7.3, 12.5]],
    ['dark', '#17181b', [2.3, 3.2, 5.4, 7.7, 10.1, 14.1]],
  ] as const)('has the contrasts of the specification on the %s ground', (theme, ground, wanted) => {
    const got = SPEED_RAMP[theme].map((color) => contrast(color, ground));
    got.forEach((value, k) => {
      expect(Math.abs(value - wanted[k]!)).toBeLessThan(0.06);
    });
  });
});

describe('route geometry', () => {
  const line: Point[] = [
    [11, 54],
    [11.01, 54],
    [11.01, 54.01],
    [11.02, 54.01],
  ];

  it('measures a degree of latitude', () => {
    expect(distanceM([0, 0], [0, 1])).toBeCloseTo(111_195, -1);
  });

  it('cuts a line into pieces that join up and keep its length', () => {
    const sums = cumulativeM(line);
    const total = sums.at(-1)!;
    const ends = [0.1, 0.45, 0.46, 1].map((share) => share * total * 1.02);
    const pieces = splitAt(line, ends);
    expect(pieces).toHaveLength(4);
    expect(pieces[0]![0]).toEqual(line[0]);
    expect(pieces.at(-1)!.at(-1)).toEqual(line.at(-1));
    pieces.slice(1).forEach((piece, i) => {
      expect(piece[0]).toEqual(pieces[i]!.at(-1));
    });
    const lengths = pieces.map((piece) => cumulativeM(piece).at(-1)!);
    expect(lengths.reduce((a, b) => a + b)).toBeCloseTo(total, 3);
    expect(lengths[1]! / total).toBeCloseTo(0.35, 4);
  });

  it('finds points along a line, clamped to its ends', () => {
    const sums = cumulativeM(line);
    expect(pointAlong(line, sums, -5)).toEqual(line[0]);
    expect(pointAlong(line, sums, 1e9)).toEqual(line.at(-1));
    const middle = pointAlong(line, sums, sums[1]! / 2);
    expect(middle[0]).toBeCloseTo(11.005, 9);
  });
});
