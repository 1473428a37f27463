import type { EtaMetrics, RunComparison } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { newestEvaluation } from './comparedRuns.ts';
import { readEvaluation } from './runView.ts';

type Metric = RunComparison['metrics'][number];

/** Throws `not-found`, naming the baselines there are. */
export function baselineNamed<Figures>(baselines: Readonly<Record<string, Figures>>, id: string): Figures {
  const found = Object.hasOwn(baselines, id) ? baselines[id] : undefined;
  if (found) return found;
  throw new EtalonError('not-found', `The evaluation has no baseline “${id}”.`, {
    remedy: `Baselines: ${Object.keys(baselines).join(', ')}.`,
  });
}

/**
 * A run of travel times beside a baseline that it was evaluated with, by its newest evaluation. That holds means of the baseline and no single
 * trip, so differences have no interval. Throws `conflict` where the run was not evaluated, `not-found` for an unknown baseline.
 */
export function compareWithBaseline(store: ProjectStore, runId: number, baseline: string): RunComparison {
  const run = store.run(runId);
  const { metrics, baselines } = readEvaluation(newestEvaluation(run));
  const other = baselineNamed(baselines, baseline);
  const [left, right] = [metrics.coverage80, other.coverage80];
  return {
    a: { runId: run.id, name: run.name },
    b: { runId: null, name: baseline },
    sameTrips: true,
    warnings: [],
    settings: [],
    metrics: metricsOf(metrics, other),
    slices: [],
    calibration: left === null || right === null ? [] : [{ nominal: 0.8, a: left, b: right }],
  };
}

function metricsOf(a: EtaMetrics, b: EtaMetrics): Metric[] {
  const metric = (
    name: Metric['name'],
    unit: Metric['unit'],
    left: number | null,
    right: number | null,
    betterWhen: Metric['betterWhen'] = 'lower',
  ): Metric[] =>
    left === null || right === null
      ? []
      : [{ name, unit, a: left, b: right, difference: left - right, low: null, high: null, betterWhen }];
  const percent = (share: number | null) => (share === null ? null : 100 * share);
  return [
    ...metric('MAE', 's', a.maeS, b.maeS),
    ...metric('RMSE', 's', a.rmseS, b.rmseS),
    ...metric('MAPE', '%', percent(a.mape), percent(b.mape)),
    ...metric('Bad ETAs', '%', percent(a.badShare), percent(b.badShare)),
    ...metric('80 % coverage', '%', percent(a.coverage80), percent(b.coverage80), 'nominal'),
  ];
}
