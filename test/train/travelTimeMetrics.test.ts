import { describe, expect, expectTypeOf, it } from 'vitest';
import type { EtaMetrics as ContractMetrics } from '../../core/api/contract.ts';
import {
  type EtaMetrics,
  etaMetrics,
  metricsByHour,
  metricsByLength,
} from '../../core/train/metrics/index.ts';

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
    // Exactly 25 % is not over 25 %.
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

describe('groups', () => {
  it('by length split at their bounds and leave out what is empty', () => {
    const groups = metricsByLength(estimates, observed, [999, 1000, 1500, 40_000]);
    expect(groups.map(({ fromKm, toKm, metrics }) => [fromKm, toKm, metrics.n])).toEqual([
      [0, 1, 1],
      [1, 2, 2],
      [16, null, 1],
    ]);
    expect(groups[1].metrics.maeS).toBeCloseTo((50 + 0) / 2, 12);
  });

  it('by hour are in order, and together weigh as much as the whole', () => {
    const groups = metricsByHour(estimates, observed, [17, 8, 17, 0]);
    expect(groups.map(({ hour, metrics }) => [hour, metrics.n])).toEqual([
      [0, 1],
      [8, 1],
      [17, 2],
    ]);
    const sum = groups.reduce((total, { metrics }) => total + metrics.n * metrics.mape, 0);
    expect(sum / 4).toBeCloseTo(etaMetrics(estimates, observed).mape, 12);
  });
});
