import { describe, expect, it } from 'vitest';
import type { ApiRunComparison, ApiRunInfo } from '../../core/api/contract.ts';
import { gapOf, outcome, verdict } from '../../renderer/compare/verdict.ts';
import { pairOf } from '../../renderer/stores/compare.ts';
import { mockComparison } from './mockLayers.ts';

type Metric = ApiRunComparison['metrics'][number];
const metric = (
  name: string,
  a: number,
  b: number,
  half: number | null,
  betterWhen: Metric['betterWhen'] = 'lower',
): Metric => ({
  name,
  unit: 's',
  a,
  b,
  difference: a - b,
  low: half === null ? null : a - b - half,
  high: half === null ? null : a - b + half,
  betterWhen,
});
const comparison = (metrics: Metric[], slices: ApiRunComparison['slices'] = []): ApiRunComparison => ({
  a: { runId: 1, name: 'one' },
  b: { runId: 2, name: 'two' },
  sameTrips: true,
  warnings: [],
  settings: [],
  metrics,
  slices,
  calibration: [],
});

describe('a difference', () => {
  it('is unclear where its interval holds zero', () => {
    expect(outcome(gapOf(metric('MAE', 9, 10, 0.5)))).toBe('better');
    expect(outcome(gapOf(metric('MAE', 10, 9, 0.5)))).toBe('worse');
    expect(outcome(gapOf(metric('MAE', 9, 10, 1.5)))).toBe('unclear');
    expect(outcome(gapOf(metric('MAE', 9, 10, null)))).toBe('better');
  });

  it('of a figure that should be met is judged by the distances, on either side', () => {
    expect(gapOf(metric('Bias', -2, -5, 1, 'nominal'))).toEqual({ value: -3, low: -4, high: -2 });
    expect(gapOf(metric('Bias', 5, 2, 1, 'nominal'))).toEqual({ value: 3, low: 2, high: 4 });
    expect(gapOf(metric('80 % band covers', 79, 83, 1, 'nominal'))).toEqual({
      value: -2,
      low: null,
      high: null,
    });
  });
});

describe('the verdict', () => {
  it('names the largest gain and the losses', () => {
    const { lead, rest } = verdict(mockComparison({ id: 3, name: 'eta-3' }, { id: 1, name: 'eta-1' }));
    expect(lead).toBe('eta-3 is 6.2 s better in mean error, and 12.8 s better on trips over 5 km.');
    expect(rest).toBe('It is 1.1 s worse at 00–01 h, and in 6 other slices.');
  });

  it('claims nothing that chance may have done', () => {
    expect(verdict(comparison([metric('MAE', 90, 90.4, 1)])).lead).toBe(
      'one and two do not differ clearly in mean error.',
    );
    expect(verdict(comparison([metric('MAE', 90, 95, null)])).rest).toContain('may be chance');
  });

  it('says what a worse run is better in', () => {
    const { lead, rest } = verdict(
      comparison([
        metric('MAE', 97, 91, 1),
        metric('80 % band width', 400, 470, 9),
        metric('RMSE', 150, 149, 9),
      ]),
    );
    expect(lead).toBe('one is 6.0 s worse in mean error.');
    expect(rest).toBe('It is better in 80 % band width.');
  });

  it('says so where there is nothing in common', () => {
    expect(verdict(comparison([])).lead).toContain('no figure in common');
  });
});

describe('the pair that is compared', () => {
  const run = (id: number, evaluated = true) =>
    ({
      id,
      evaluation: evaluated ? { baselines: { live: { maeS: 118 }, ridge: { maeS: 103 } } } : null,
    }) as unknown as ApiRunInfo;

  it('is the newest two that were evaluated, or the newest and its best baseline', () => {
    expect(pairOf([run(1), run(2), run(3), run(4, false)], null)).toEqual({ a: 3, b: 2 });
    expect(pairOf([run(1), run(2, false)], null)).toEqual({ a: 1, b: 'ridge' });
    expect(pairOf([run(1, false)], null)).toBeNull();
  });

  it('stays as chosen while both are there', () => {
    const runs = [run(1), run(2), run(3)];
    expect(pairOf(runs, { a: 1, b: 3 })).toEqual({ a: 1, b: 3 });
    expect(pairOf(runs, { a: 1, b: 'live' })).toEqual({ a: 1, b: 'live' });
    for (const gone of [
      { a: 9, b: 1 },
      { a: 1, b: 9 },
      { a: 1, b: 'lstm' },
    ])
      expect(pairOf(runs, gone)).toEqual({ a: 3, b: 2 });
  });
});
