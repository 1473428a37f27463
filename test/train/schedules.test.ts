import { describe, expect, it } from 'vitest';
import {
  constantSchedule,
  cosineDecay,
  cosineSchedule,
  exponentialDecay,
  withWarmUp,
} from '../../core/train/index.ts';

describe('the cosine schedule with warm-up', () => {
  const schedule = cosineSchedule(0.01, { steps: 110, warmUp: 10, floor: 0.1 });

  it('rises in a line to its peak, then falls along half a cosine to its floor', () => {
    expect(schedule(1)).toBeCloseTo(0.001, 12);
    expect(schedule(5)).toBeCloseTo(0.005, 12);
    expect(schedule(10)).toBeCloseTo(0.01, 12);
    expect(schedule(60)).toBeCloseTo((0.01 + 0.001) / 2, 12);
    expect(schedule(35)).toBeCloseTo(0.001 + 0.009 * (0.5 + Math.SQRT1_2 / 2), 12);
    expect(schedule(110)).toBeCloseTo(0.001, 12);
  });

  it('never rises again, and stays at its floor past the end', () => {
    for (let step = 10; step < 110; step++) expect(schedule(step + 1)).toBeLessThan(schedule(step));
    expect(schedule(500)).toBeCloseTo(0.001, 12);
  });

  it('is finite where training is as long as the warm-up', () => {
    const short = cosineSchedule(0.01, { steps: 1, warmUp: 1 });
    expect([short(1), short(2)].every((value) => value > 0 && value <= 0.01)).toBe(true);
  });
});

describe('exponential decay', () => {
  const schedule = exponentialDecay(0.2, { steps: 50, floor: 0.01 });

  it('falls by one factor each step from the peak to the floor, and no further', () => {
    const factor = 0.01 ** (1 / 50);
    for (let step = 1; step <= 50; step++) expect(schedule(step)).toBeCloseTo(0.2 * factor ** step, 12);
    expect(schedule(50)).toBeCloseTo(0.002, 12);
    expect(schedule(80)).toBeCloseTo(0.002, 12);
  });
});

describe('a warm-up', () => {
  it('can stand before any schedule, which then begins where the warm-up ends', () => {
    for (const then of [
      constantSchedule(0.3),
      cosineDecay(0.3, { steps: 20 }),
      exponentialDecay(0.3, { steps: 20 }),
    ]) {
      const schedule = withWarmUp(4, then);
      expect([1, 2, 3, 4].map(schedule)).toEqual([0.25, 0.5, 0.75, 1].map((share) => 0.3 * share));
      expect(schedule(7)).toBe(then(3));
    }
  });

  it('of no step is none', () => {
    const schedule = withWarmUp(0, cosineDecay(0.3, { steps: 20 }));
    expect(schedule(1)).toBe(cosineDecay(0.3, { steps: 20 })(1));
  });
});
