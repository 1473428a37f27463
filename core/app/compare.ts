import type { ApiRunComparison, ApiRunInfo, EtaEvaluation, EtaMetrics } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { RunConfig } from './model.ts';
import { runView } from './runView.ts';

type Metric = ApiRunComparison['metrics'][number];
type Slice = ApiRunComparison['slices'][number];

/** Figures of two predictors over the same trips; `b` of a baseline has no slices. */
interface Sides {
  a: EtaEvaluation;
  b: { metrics: EtaMetrics; evaluation: EtaEvaluation | null };
}

/**
 * Run `a` beside run `b`, or beside a baseline that `a` was evaluated with, by their newest evaluations. These hold means and no
 * single trip, so differences have no interval. Throws `conflict` where one was not evaluated, `not-found` for an unknown baseline.
 */
export function compareRuns(store: ProjectStore, a: number, b: number | string): ApiRunComparison {
  const runA = runView(store, store.run(a));
  const evaluationA = evaluated(runA);
  const other = typeof b === 'number' ? runView(store, store.run(b)) : null;
  const sides: Sides = { a: evaluationA, b: sideB(evaluationA, b, other) };
  const judged = sides.b.evaluation;
  const sameTrips =
    !judged ||
    (judged.from === evaluationA.from &&
      judged.until === evaluationA.until &&
      judged.metrics.n === evaluationA.metrics.n);
  const settings = other ? changedSettings(runA, other) : [];
  return {
    a: { runId: runA.id, name: runA.name },
    b: { runId: other?.id ?? null, name: other?.name ?? String(b) },
    sameTrips,
    warnings: warningsOf(runA, other, sameTrips, settings.length),
    settings,
    metrics: metricsOf(sides),
    slices: judged ? slicesOf(evaluationA, judged) : [],
    calibration: calibrationOf(sides),
  };
}

function evaluated(run: ApiRunInfo): EtaEvaluation {
  if (run.evaluation) return run.evaluation;
  throw new EtalonError('conflict', `Run “${run.name}” was not evaluated yet.`, {
    remedy: 'Evaluate it on the test days, then compare.',
  });
}

function sideB(a: EtaEvaluation, b: number | string, other: ApiRunInfo | null): Sides['b'] {
  if (other) {
    const evaluation = evaluated(other);
    return { metrics: evaluation.metrics, evaluation };
  }
  const metrics = Object.hasOwn(a.baselines, b) ? a.baselines[b] : undefined;
  if (metrics) return { metrics, evaluation: null };
  throw new EtalonError('not-found', `The evaluation has no baseline “${b}”.`, {
    remedy: `Baselines: ${Object.keys(a.baselines).join(', ')}.`,
  });
}

function metricsOf({ a: { metrics: a }, b: { metrics: b } }: Sides): Metric[] {
  const metric = (
    name: string,
    unit: string,
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
    ...metric('Bias', 's', a.biasS, b.biasS, 'nominal'),
    ...metric('80 % band covers', '%', percent(a.coverage80), percent(b.coverage80), 'nominal'),
    ...metric('80 % band width', 's', a.width80S, b.width80S),
  ];
}

function slicesOf(a: EtaEvaluation, b: EtaEvaluation): Slice[] {
  const slice = (by: Slice['by'], label: string, left: EtaMetrics, right: EtaMetrics | undefined): Slice[] =>
    !right || left.n === 0
      ? []
      : [
          {
            by,
            label,
            n: left.n,
            a: left.maeS,
            b: right.maeS,
            difference: left.maeS - right.maeS,
            low: null,
            high: null,
          },
        ];
  const hours = a.byHour.flatMap(({ hour, metrics }) =>
    slice('hour', clockHour(hour), metrics, b.byHour.find((row) => row.hour === hour)?.metrics),
  );
  const lengths = a.byLength.flatMap(({ fromKm, toKm, metrics }) =>
    slice(
      'length',
      toKm === null ? `over ${fromKm} km` : `${fromKm}–${toKm} km`,
      metrics,
      b.byLength.find((row) => row.fromKm === fromKm && row.toKm === toKm)?.metrics,
    ),
  );
  return [...hours, ...lengths];
}

function calibrationOf({ a, b }: Sides): ApiRunComparison['calibration'] {
  const [left, right] = [a.metrics.coverage80, b.metrics.coverage80];
  return left === null || right === null ? [] : [{ nominal: 0.8, a: left, b: right }];
}

/** What the runs were given, where it differs; training days and seed among it. */
function changedSettings(a: ApiRunInfo, b: ApiRunInfo): ApiRunComparison['settings'] {
  const [left, right] = [flat(a.config as RunConfig), flat(b.config as RunConfig)];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys
    .map((key) => ({ key, a: left[key] ?? 'none', b: right[key] ?? 'none' }))
    .filter((row) => row.a !== row.b);
}

function flat({ from, until, seed, settings }: RunConfig): Record<string, string> {
  const given = { from, until, seed, ...settings };
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}

function warningsOf(a: ApiRunInfo, b: ApiRunInfo | null, sameTrips: boolean, changed: number): string[] {
  const warnings: string[] = [];
  if (!sameTrips) warnings.push('The two were judged on different trips: evaluate both on the same days.');
  if (!b) return warnings;
  const [left, right] = [a.config as RunConfig, b.config as RunConfig];
  const otherDays = left.from !== right.from || left.until !== right.until;
  if (otherDays) warnings.push('The two were trained on different days.');
  if (changed > 1)
    warnings.push(`${changed} settings differ: the difference cannot be put down to one of them.`);
  return warnings;
}

function clockHour(hour: number): string {
  return `${String(hour).padStart(2, '0')}–${String((hour + 1) % 24).padStart(2, '0')} h`;
}
