import type { EtaEvaluation } from '@etalon/core/api/contract';
import type { RunConfig } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { crossFittedBaseline, type RoadNetwork, type TripSet, tripLengthsM } from '@etalon/core/roads';
import { type Estimates, etaMetrics, metricsByHour, metricsByLength } from '@etalon/core/train';
import { judgeBaselines } from './baselineFigures.ts';
import { readTrained, type TrainedEta } from './checkpoint.ts';
import { describePaths } from './paths.ts';
import { EtaPredictor } from './predictor.ts';
import { type EtaSettings, parseEtaSettings } from './settings.ts';
import { Traffic } from './traffic.ts';

/**
 * Judges a run on the trips of a period, beside the baselines fitted to the same training trips. Every predictor may look
 * at what had ended before each departure, and at nothing else of the period.
 */
export async function evaluateRun(
  store: ProjectStore,
  runId: number,
  period: { from?: string; until?: string },
  context: TaskContext,
): Promise<EtaEvaluation> {
  const trained = readTrained(store, runId);
  const network = store.readRoads();
  const config = store.run(runId).config as RunConfig;
  const test = store.readTrips(period);
  if (test.count === 0)
    throw new EtalonError(
      'input',
      `There is no trip from ${period.from ?? 'the start'} to ${period.until ?? 'the end'}.`,
      {
        remedy: 'Choose a period that the imported trips cover; `etalon info` shows it.',
      },
    );
  const observed = store.readTrips();
  const estimates = await predictTrips(
    network,
    trained,
    parseEtaSettings(config.settings),
    test,
    observed,
    stage(context, 1),
  );
  const train = store.readTrips({
    ...(config.from && { from: config.from }),
    ...(config.until && { until: config.until }),
  });
  const others = await judgeBaselines(
    network,
    { train, test, observed },
    crossFittedBaseline(trained.models, train),
    stage(context, 2),
  );
  return {
    runId,
    from: period.from ?? null,
    until: period.until ?? null,
    metrics: etaMetrics(estimates, test.totalS),
    baselines: others,
    byLength: metricsByLength(estimates, test.totalS, tripLengthsM(network, test)),
    byHour: metricsByHour(
      estimates,
      test.totalS,
      Array.from(test.localDepartS, (localS) => Math.floor((localS % 86_400) / 3600)),
    ),
  };
}

async function predictTrips(
  network: RoadNetwork,
  trained: TrainedEta,
  settings: EtaSettings,
  test: TripSet,
  observed: TripSet,
  context: TaskContext,
): Promise<Estimates> {
  const traffic = new Traffic(network, observed, trained.models, settings);
  const paths = await describePaths(test, trained.models, traffic, context);
  const predictor = await EtaPredictor.open(network, trained, settings);
  try {
    const { trips } = await predictor.predict(paths, traffic);
    return {
      medianS: trips.map((trip) => trip.seconds),
      low80S: trips.map((trip) => trip.lowS),
      high80S: trips.map((trip) => trip.highS),
    };
  } finally {
    await predictor.dispose();
  }
}

function stage(context: TaskContext, step: number): TaskContext {
  return { signal: context.signal, report: (progress) => context.report({ ...progress, step, steps: 2 }) };
}
