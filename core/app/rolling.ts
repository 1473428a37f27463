import type { EtaEvaluation, EtaMetrics, RollingResult, SpeedEvaluation } from '../api/contract.ts';
import { EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ProjectStore, RunRecord } from '../project/index.ts';
import type { RunConfig } from './model.ts';
import { type ModelKinds, predictedBy } from './models.ts';
import { readEvaluation, travelTimes } from './runView.ts';
import { dateOf } from './tripFigures.ts';

const DAY_MS = 86_400_000;
/** Share of the days that the first window trains on. */
const FIRST_SHARE = 0.5;

/** Days of one window: trained on those before `until`, tested on those from it to before `testUntil`. */
export interface RollingWindow {
  until: string;
  testUntil: string;
}

/**
 * Expanding windows over the days from `from` to `lastDay`, both included: the first half trains, the rest is cut into `windows`
 * test periods of as equal length as can be, and each trains on all days before it. Throws `input` where there are too few days.
 */
export function rollingWindows(from: string, lastDay: string, windows: number): RollingWindow[] {
  const first = Date.parse(from) / DAY_MS;
  const days = Date.parse(lastDay) / DAY_MS - first + 1;
  const training = Math.max(2, Math.ceil(FIRST_SHARE * days));
  if (days - training < windows)
    throw new EtalonError(
      'input',
      `The ${days} days from ${from} to ${lastDay} do not give ${windows} test periods.`,
      { remedy: 'Choose fewer windows, or import trips of more days.' },
    );
  const start = (window: number) =>
    dateOf(first + training + Math.round(((days - training) * window) / windows));
  return Array.from({ length: windows }, (_, window) => ({
    until: start(window),
    testUntil: start(window + 1),
  }));
}

/** How a window's run is trained and judged; both leave their work in the project. */
export interface RollingSteps {
  train(runId: number, context: TaskContext): Promise<void>;
  evaluate(
    runId: number,
    period: { from: string; until: string },
    context: TaskContext,
  ): Promise<EtaEvaluation | SpeedEvaluation>;
}

/**
 * Trains the run's settings anew on expanding windows, each judged on the days that follow it. The runs are named after it and stay
 * in the project; asked again, those that are there are taken or gone on with.
 */
export async function rollingEvaluation(
  models: ModelKinds,
  store: ProjectStore,
  { runId, windows }: { runId: number; windows: number },
  steps: RollingSteps,
  context: TaskContext,
): Promise<RollingResult> {
  const parent = store.run(runId);
  const config = parent.config as RunConfig;
  if (predictedBy(models, parent) !== 'travelTimes')
    throw new EtalonError(
      'conflict',
      `Run “${parent.name}” forecasts speeds: windows are made for travel times.`,
      {
        remedy:
          'Train the model speeds with another --until for each window, and evaluate each with --from and --until.',
      },
    );
  const { firstDay, lastDay } = store.info();
  if (!firstDay || !lastDay)
    throw new EtalonError('conflict', 'There are no trips to learn from.', { remedy: 'Import trips first.' });
  const rows: RollingResult['windows'] = [];
  for (const [i, { until, testUntil }] of rollingWindows(
    config.from ?? firstDay,
    lastDay,
    windows,
  ).entries()) {
    throwIfCancelled(context.signal);
    const ofWindow: TaskContext = {
      signal: context.signal,
      report: (progress) =>
        context.report({ ...progress, stage: `Window ${i + 1} of ${windows}: ${progress.stage}` }),
    };
    const run = childRun(store, parent, `${parent.name}-until-${until}`, { ...config, until });
    if (run.status !== 'finished') await steps.train(run.id, ofWindow);
    const known = store
      .run(run.id)
      .evaluations.find((evaluation) => evaluation.from === until && evaluation.until === testUntil);
    const { metrics, baselines } = known
      ? readEvaluation(known)
      : travelTimes(await steps.evaluate(run.id, { from: until, until: testUntil }, ofWindow));
    rows.push({ runId: run.id, name: run.name, from: until, until: testUntil, metrics, baselines });
  }
  return { runId, name: parent.name, windows: rows, summary: summaryOf(rows) };
}

/** The run of that name and config, or a new one. */
function childRun(store: ProjectStore, parent: RunRecord, name: string, config: RunConfig): RunRecord {
  const known = store
    .runs()
    .findLast((run) => run.name === name && JSON.stringify(run.config) === JSON.stringify(config));
  return known ?? store.createRun({ name, model: parent.model, config });
}

/** Mean and standard deviation over the windows, of the model and of every baseline that all windows have. */
function summaryOf(windows: RollingResult['windows']): RollingResult['summary'] {
  const ids = Object.keys(windows[0].baselines).filter((id) =>
    windows.every(({ baselines }) => baselines[id]),
  );
  return [
    ...ids.map((id) =>
      spread(
        id,
        windows.map(({ baselines }) => baselines[id]),
      ),
    ),
    spread(
      'model',
      windows.map(({ metrics }) => metrics),
    ),
  ];
}

function spread(predictor: string, figures: readonly EtaMetrics[]): RollingResult['summary'][number] {
  const of = (value: (metrics: EtaMetrics) => number) => {
    const values = figures.map(value);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
  };
  return {
    predictor,
    maeS: of(({ maeS }) => maeS),
    rmseS: of(({ rmseS }) => rmseS),
    mape: of(({ mape }) => mape),
    badShare: of(({ badShare }) => badShare),
  };
}
