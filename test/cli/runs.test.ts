import { expect, test } from 'vitest';
import { describeEvaluation, describeRolling } from '../../cli/runs.ts';

const metrics = {
  ...{ maeS: 90.04, rmseS: 120, mape: 0.15, biasS: -2, badShare: 0.121 },
  ...{ coverage80: 0.81, width80S: 240, n: 1200 },
};

test('an evaluation is a table of predictors, then of what groups there are', () => {
  const text = describeEvaluation('mine', {
    ...{ runId: 1, from: '2024-01-08', until: null, metrics },
    baselines: { trees: { ...metrics, maeS: 100 }, own: { ...metrics, coverage80: null, width80S: null } },
    badReduction: [{ baseline: 'trees', share: 0.25, low: -0.01, high: 0.5 }],
    slices: [{ by: 'weekday', label: 'Monday', metrics }],
    horizons: [{ fromMin: 60, toMin: null, modelS: 4.123, anchorS: 6, n: 77 }],
    distribution: {
      ...{ pinballS: { q10: 1, q50: 2, q90: 3 }, intervalScoreS: 400, crpsS: 65 },
      calibration: [{ nominal: 0.8, covered: 0.793 }],
    },
  });
  expect(text).toContain('Tested on 1,200 trips, from 2024-01-08.');
  expect(text).toMatch(/^Boosted trees +100\.0 s/m);
  expect(text).toMatch(/^own +90\.0 s .* – +– +1,200$/m);
  expect(text).toMatch(/^Boosted trees +25\.0 % +-1\.0 % … 50\.0 %$/m);
  expect(text).toMatch(/^Weekday .*\n─.*\nMonday +90\.0 s/m);
  expect(text).not.toMatch(/^Departure/m);
  expect(text).toMatch(/^over 60 min +4\.12 s +6\.00 s +77$/m);
  expect(text).toMatch(/^holds +79\.3 %$/m);
});

test('rolling windows are rows, then means with deviations', () => {
  const spread = (mean: number) => ({ mean, deviation: mean / 10 });
  const figures = { maeS: spread(90), rmseS: spread(120), mape: spread(0.15), badShare: spread(0.12) };
  const text = describeRolling({
    ...{ runId: 1, name: 'mine' },
    windows: [
      ...[{ runId: 2, name: 'mine-until-2024-01-08', from: '2024-01-08', until: '2024-01-10', metrics }].map(
        (window) => ({ ...window, baselines: {} }),
      ),
    ],
    summary: [
      { predictor: 'live', ...figures },
      { predictor: 'model', ...figures },
    ],
  });
  expect(text).toMatch(/^2024-01-08 to before 2024-01-10 +mine-until-2024-01-08 +90\.0 s/m);
  expect(text).toMatch(/^Current speed +90\.0 ± 9\.0 s +120\.0 ± 12\.0 s +15\.0 ± 1\.5 % +12\.0 ± 1\.2 %$/m);
  expect(text).toMatch(/^mine +90\.0 ± 9\.0 s/m);
});
