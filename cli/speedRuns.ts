import type { SpeedEvaluation, SpeedMetrics } from '@etalon/core/api/contract';
import { count, percent, table } from './format.ts';

export const SPEED_BASELINES: Record<string, string> = {
  lastValue: 'Last value',
  historical: 'Historical mean',
  blend: 'Last and historical',
  ridge: 'Ridge autoregression',
};

/** The model against every baseline, a table for each horizon. */
export function describeSpeedEvaluation(run: string, { horizons, ...evaluation }: SpeedEvaluation): string {
  const { from, until, resampled } = evaluation;
  const period = [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' ') || 'all days';
  return [
    `Tested on what was observed ${period}.`,
    ...horizons.map(({ minutes, metrics, baselines, gains }) =>
      table(
        [
          `${minutes} min ahead`,
          'MAE',
          'RMSE',
          'MAPE',
          'In 80 % range',
          'Width',
          'Speeds',
          'MAE over the run’s, 95 %',
        ],
        [
          ...Object.entries(baselines).map(([id, figures]) => {
            const gain = gains.find(({ baseline }) => baseline === id)!;
            return [
              SPEED_BASELINES[id] ?? id,
              ...metricCells(figures),
              `${gain.kmh.toFixed(2)} (${gain.low.toFixed(2)} … ${gain.high.toFixed(2)}) km/h`,
            ];
          }),
          [run, ...metricCells(metrics), ''],
        ],
      ),
    ),
    ...(resampled === 'hour'
      ? ['The test period has fewer than five days: intervals resample hours and are too narrow.']
      : []),
  ].join('\n\n');
}

function metricCells({ maeKmh, rmseKmh, mape, coverage80, width80Kmh, n }: SpeedMetrics): string[] {
  return [
    `${maeKmh.toFixed(2)} km/h`,
    `${rmseKmh.toFixed(2)} km/h`,
    percent(mape, 2),
    coverage80 === null ? '–' : percent(coverage80),
    width80Kmh === null ? '–' : `${width80Kmh.toFixed(1)} km/h`,
    count(n),
  ];
}
