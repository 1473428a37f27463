import { describe, expect, expectTypeOf, it } from 'vitest';
import type { EtaMetrics as ContractMetrics } from '../../core/api/contract.ts';
import { type EtaMetrics, etaMetrics, isBadEta } from '../../core/train/metrics/index.ts';

const observed = [100, 200, 400, 1000];
const estimates = {
  medianS: [110, 150, 400, 700],
  low80S: [90, 120, 400, 600],
  high80S: [105, 160, 450, 900],
};

describe('figures of a predictor', () => {
  it('are the contract’s', () => {
    expectTypeOf<EtaMetrics>().toEqualTypeOf<ContractMetrics>();
  });

  it('follow their definitions', () => {
    const metrics = etaMetrics(estimates, observed);
    // Errors 10, −50, 0, −300.
    expect(metrics.maeS).toBeCloseTo(360 / 4, 12);
    expect(metrics.rmseS).toBeCloseTo(Math.sqrt((100 + 2500 + 90_000) / 4), 12);
    expect(metrics.mape).toBeCloseTo((0.1 + 0.25 + 0 + 0.3) / 4, 12);
    expect(metrics.biasS).toBeCloseTo(-340 / 4, 12);
    // Only the last is off by more than a minute and more than 20 %.
    expect(metrics.badShare).toBe(1 / 4);
    // 100 lies in [90, 105], 400 on the bound of [400, 450].
    expect(metrics.coverage80).toBe(2 / 4);
    expect(metrics.width80S).toBeCloseTo((15 + 40 + 50 + 300) / 4, 12);
    expect(metrics.n).toBe(4);
  });

  it('have no interval figures without an interval', () => {
    const { coverage80, width80S } = etaMetrics({ medianS: estimates.medianS }, observed);
    expect([coverage80, width80S]).toEqual([null, null]);
  });

  it('refuse an empty set and a prediction that is no number', () => {
    expect(() => etaMetrics({ medianS: [] }, [])).toThrow('no trip to evaluate');
    expect(() => etaMetrics({ medianS: [Number.NaN] }, [10])).toThrow('Trip 0');
    expect(() => etaMetrics({ medianS: [10] }, [0])).toThrow('Trip 0');
  });
});

describe('a bad ETA', () => {
  it('is off by more than a minute and more than 20 %, not by exactly that', () => {
    for (const [predicted, observed, bad] of [
      [160, 100, false],
      [161, 100, true],
      [39, 100, true],
      [1200, 1000, false],
      [1201, 1000, true],
      [799, 1000, true],
      [870, 1000, false],
      [360, 300, false],
    ] as const)
      expect(isBadEta(predicted, observed), `${predicted} for ${observed}`).toBe(bad);
  });
});
