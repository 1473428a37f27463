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

  it('of speeds goes by horizon, and names those at which the run loses or chance may have done it', () => {
    const row = (minutes: number, difference: number, half: number | null) => ({
      ...{
        minutes,
        n: 900,
        a: 5 + difference,
        b: 5,
        difference,
        coverageA: 0.8,
        coverageB: 0.8,
        baselines: {},
      },
      low: half === null ? null : difference - half,
      high: half === null ? null : difference + half,
    });
    const of = (...rows: ReturnType<typeof row>[]) =>
      verdict({
        ...comparison([metric('MAE, 15 min', 4, 5, 0.1), metric('RMSE, 15 min', 9, 8, 0.1)]),
        speedsByHorizon: rows,
      });
    const mixed = of(row(15, -0.31, 0.1), row(30, 0.12, 0.1), row(60, -0.02, 0.1));
    expect(mixed.lead).toBe('one is better in mean error: by 0.31 km/h at 15 min.');
    expect(mixed.rest).toBe(
      'It is worse by 0.12 km/h at 30 min. At 60 min they do not differ clearly. It is worse in RMSE, 15 min.',
    );
    const worse = of(row(15, 0.2, 0.1), row(30, 0.4, 0.1));
    expect(worse.lead).toBe('one is worse in mean error: by 0.20 km/h at 15 min and 0.40 km/h at 30 min.');
    expect(of(row(15, 0.05, 0.1)).lead).toContain('do not differ clearly in mean error at any horizon');
    expect(of(row(15, -1, null)).rest).toContain('may be chance');
  });

  it('says so where there is nothing in common', () => {
    expect(verdict(comparison([])).lead).toContain('no figure in common');
  });
});

describe('the pair that is compared', () => {
  const run = (id: number, evaluated = true) =>
    ({
      id,
      speeds: null,
      evaluation: evaluated
        ? { metrics: { maeS: 90 }, baselines: { live: { maeS: 118 }, ridge: { maeS: 103 } } }
        : null,
    }) as unknown as ApiRunInfo;
  const speedRun = (id: number) => {
    const horizons = [{ minutes: 15, metrics: { maeKmh: 4 }, baselines: { lastValue: { maeKmh: 5 } } }];
    return { id, evaluation: null, speeds: { evaluation: { horizons } } } as unknown as ApiRunInfo;
  };

  it('is the newest two that were evaluated, or the newest and its best baseline', () => {
    expect(pairOf([run(1), run(2), run(3), run(4, false)], null)).toEqual({ a: 3, b: 2 });
    expect(pairOf([run(1), run(2, false)], null)).toEqual({ a: 1, b: 'ridge' });
    expect(pairOf([run(1, false)], null)).toBeNull();
  });

  it('stays as chosen while both are there', () => {
    const runs = [run(1), run(2), run(3)];
    expect(pairOf(runs, { a: 1, b: 3 })).toEqual({ a: 1, b: 3 });
    expect(pairOf(runs, { a: 1, b: 'live' })).toEqual({ a: 1, b: 'live' });
    expect(pairOf(runs, { a: 9, b: 1 })).toEqual({ a: 3, b: 2 });
    for (const b of [9, 'lstm']) expect(pairOf(runs, { a: 1, b })).toEqual({ a: 1, b: 3 });
  });

  it('is of one kind, unless two kinds are chosen', () => {
    const runs = [run(1), speedRun(2), run(3), speedRun(4)];
    expect(pairOf(runs, null)).toEqual({ a: 4, b: 2 });
    expect(pairOf(runs.slice(0, 2), null)).toEqual({ a: 2, b: 'lastValue' });
    expect(pairOf(runs, { a: 2, b: 'live' })).toEqual({ a: 2, b: 4 });
    expect(pairOf(runs, { a: 2, b: 1 })).toEqual({ a: 2, b: 1 });
  });
});
