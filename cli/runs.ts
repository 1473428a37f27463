import type { ApiRunInfo, EtaEvaluation, EtaMetrics } from '@etalon/core/api/contract';
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

const BASELINES: Record<string, string> = {
  freeFlow: 'Free flow',
  historical: 'Historical mean',
  live: 'Current speed',
  ridge: 'Ridge regression',
  segmentModel: 'Segment model',
};

/** The model against every baseline, then by length of trip and by hour. */
export function describeEvaluation(run: string, evaluation: EtaEvaluation): string {
  const { metrics, baselines, byLength, byHour, from, until } = evaluation;
  const period = [from && `from ${from}`, until && `until ${until}`].filter(Boolean).join(' ') || 'all days';
  const header = ['MAE', 'RMSE', 'MAPE', 'Bias', 'Over 25 % off', 'In 80 % range', 'Width', 'Trips'];
  const rows = [
    ...Object.entries(baselines).map(([key, figures]) => [BASELINES[key] ?? key, ...metricCells(figures)]),
    [run, ...metricCells(metrics)],
  ];
  return [
    `Tested on ${count(metrics.n)} trips, ${period}.`,
    table(['Predictor', ...header], rows),
    table(
      ['Trip length', ...header],
      byLength.map(({ fromKm, toKm, metrics }) => [
        toKm === null ? `over ${fromKm} km` : `${fromKm}–${toKm} km`,
        ...metricCells(metrics),
      ]),
    ),
    table(
      ['Hour', ...header],
      byHour.map(({ hour, metrics }) => [`${String(hour).padStart(2, '0')}:00`, ...metricCells(metrics)]),
    ),
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
