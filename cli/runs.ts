import type {
  ApiRunInfo,
  EtaEvaluation,
  EtaMetrics,
  RollingResult,
  SliceBy,
} from '@etalon/core/api/contract';
import type { App } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import { count, percent, table } from './format.ts';
import { didYouMean } from './nearest.ts';

/** The run of a number or name; without either the newest finished one, or else the newest. */
export function chosenRun(app: App, wanted: string | undefined): ApiRunInfo {
  const runs = app.runs().toSorted((a, b) => a.id - b.id);
  if (runs.length === 0)
    throw new EtalonError('conflict', 'The project has no runs yet.', {
      where: { file: app.projectInfo()!.path },
      remedy: 'Train one first: etalon train <project> --model eta.',
    });
  if (wanted === undefined) return runs.findLast(({ status }) => status === 'finished') ?? runs.at(-1)!;
  const found = runs.find(({ name }) => name === wanted) ?? runs.find(({ id }) => String(id) === wanted);
  if (found) return found;
  throw new EtalonError('not-found', `The project has no run “${wanted}”.`, {
    remedy: didYouMean(
      wanted,
      runs.map(({ name }) => name),
    ),
  });
}

/** As {@link chosenRun}; without any trained run, or asked for as `history`, the historical profile: a null id. */
export function runOrHistory(app: App, wanted: string | undefined): { id: number | null; name: string } {
  const trained = app.runs().some(({ status }) => status === 'finished');
  const history = wanted === 'history' || (wanted === undefined && !trained);
  return history ? { id: null, name: 'historical profile' } : chosenRun(app, wanted);
}

export const BASELINES: Record<string, string> = {
  freeFlow: 'Free flow',
  historical: 'Historical mean',
  live: 'Current speed',
  blend: 'Current and historical',
  ridge: 'Ridge regression',
  segmentModel: 'Segment model',
  trees: 'Boosted trees',
  treesRelative: 'Boosted trees, relative loss',
  mlp: 'Perceptron on the route',
  lstm: 'LSTM along the route',
  deepSets: 'The network without edges',
};

export const SLICES: Record<SliceBy, string> = {
  hour: 'Departure',
  weekday: 'Weekday',
  length: 'Trip length',
  class: 'Road class',
  congestion: 'Congestion',
};

/** The model against every baseline, then by groups of trips, by horizon, and how well its intervals hold. */
export function describeEvaluation(run: string, evaluation: EtaEvaluation): string {
  const { metrics, baselines, badReduction, slices, horizons, distribution, from, until } = evaluation;
  const period = [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' ') || 'all days';
  const header = ['MAE', 'RMSE', 'MAPE', 'Bias', 'Bad ETAs', 'In 80 % range', 'Width', 'Trips'];
  const rows = [
    ...Object.entries(baselines).map(([key, figures]) => [BASELINES[key] ?? key, ...metricCells(figures)]),
    [run, ...metricCells(metrics)],
  ];
  return [
    `Tested on ${count(metrics.n)} trips, ${period}.`,
    table(['Predictor', ...header], rows),
    'Bad ETAs are off by more than 60 s and more than 20 %.',
    table(
      ['Against', 'Fewer bad ETAs', '95 % interval'],
      badReduction.map(({ baseline, share, low, high }) => [
        BASELINES[baseline] ?? baseline,
        percent(share),
        `${percent(low)} … ${percent(high)}`,
      ]),
    ),
    ...Object.entries(SLICES).flatMap(([by, title]) => {
      const ofKind = slices.filter((slice) => slice.by === by);
      if (ofKind.length === 0) return [];
      return [
        table(
          [title, ...header],
          ofKind.map(({ label, metrics }) => [label, ...metricCells(metrics)]),
        ),
      ];
    }),
    ...(horizons.length === 0 ? [] : [describeHorizons(horizons)]),
    ...(distribution ? [describeDistribution(distribution)] : []),
  ].join('\n\n');
}

/** A row for each window, then means with standard deviations beside the baselines. */
export function describeRolling({ name, windows, summary }: RollingResult): string {
  const figure = ({ mean, deviation }: { mean: number; deviation: number }, scale: number, unit: string) =>
    `${(scale * mean).toFixed(1)} ± ${(scale * deviation).toFixed(1)} ${unit}`;
  return [
    table(
      ['Tested', 'Run', 'MAE', 'RMSE', 'MAPE', 'Bias', 'Bad ETAs', 'In 80 % range', 'Width', 'Trips'],
      windows.map((row) => [`${row.from} to before ${row.until}`, row.name, ...metricCells(row.metrics)]),
    ),
    `Means and standard deviations over the ${windows.length} windows:`,
    table(
      ['Predictor', 'MAE', 'RMSE', 'MAPE', 'Bad ETAs'],
      summary.map(({ predictor, maeS, rmseS, mape, badShare }) => [
        predictor === 'model' ? name : (BASELINES[predictor] ?? predictor),
        figure(maeS, 1, 's'),
        figure(rmseS, 1, 's'),
        figure(mape, 100, '%'),
        figure(badShare, 100, '%'),
      ]),
    ),
  ].join('\n\n');
}

function describeHorizons(horizons: EtaEvaluation['horizons']): string {
  return table(
    ['Segment entered after', 'MAE', 'Segment model', 'Segments'],
    horizons.map(({ fromMin, toMin, modelS, anchorS, n }) => [
      toMin === null ? `over ${fromMin} min` : `${fromMin}–${toMin} min`,
      `${modelS.toFixed(2)} s`,
      `${anchorS.toFixed(2)} s`,
      count(n),
    ]),
  );
}

function describeDistribution({
  pinballS,
  intervalScoreS,
  crpsS,
  calibration,
}: NonNullable<EtaEvaluation['distribution']>): string {
  return [
    table(
      ['Interval meant to hold', ...calibration.map(({ nominal }) => percent(nominal, 0))],
      [['holds', ...calibration.map(({ covered }) => percent(covered))]],
    ),
    `CRPS ${crpsS.toFixed(1)} s, interval score ${intervalScoreS.toFixed(0)} s, pinball loss ${pinballS.q10.toFixed(1)}, ${pinballS.q50.toFixed(1)} and ${pinballS.q90.toFixed(1)} s at 10, 50 and 90 %.`,
  ].join('\n\n');
}

function metricCells(figures: EtaMetrics): string[] {
  const { maeS, rmseS, mape, biasS, badShare, coverage80, width80S, n } = figures;
  return [
    `${maeS.toFixed(1)} s`,
    `${rmseS.toFixed(1)} s`,
    percent(mape, 2),
    `${biasS > 0 ? '+' : ''}${biasS.toFixed(1)} s`,
    percent(badShare),
    coverage80 === null ? '–' : percent(coverage80),
    width80S === null ? '–' : `${width80S.toFixed(0)} s`,
    count(n),
  ];
}
