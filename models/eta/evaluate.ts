import type { EtaEvaluation } from '@etalon/core/api/contract';
import type { EvaluateContext, EvaluatedTravelTimes, RunConfig } from '@etalon/core/app/model';
import { blockBootstrap, EtalonError, Random, type TaskContext } from '@etalon/core/base';
import type { EvaluationTrips, ProjectStore } from '@etalon/core/project';
import {
  crossFittedBaseline,
  type RoadNetwork,
  resamplingBlocks,
  sliceTrips,
  type TripSet,
  tripTraits,
} from '@etalon/core/roads';
import {
  distributionFigures,
  type Estimates,
  etaMetrics,
  type IntervalEstimates,
  isBadEta,
} from '@etalon/core/train';
import { estimateBaselines } from './baselineFigures.ts';
import { deepSetsEstimates } from './baselines/deepSets.ts';
import { horizonErrors } from './baselines/horizons.ts';
import { readTrained } from './checkpoint.ts';
import { type PredictedTrips, predictTrips } from './predictor.ts';
import { readTrainingData } from './prepare.ts';
import { parseEtaSettings } from './settings.ts';

/** The intervals of an evaluation are the same whenever it is made. */
const SEED = 1;

/**
 * Judges a run on the trips of a period, beside the baselines fitted to the same training trips. Every predictor may look
 * at what had ended before each departure, and at nothing else of the period.
 */
export async function evaluateRun(
  store: ProjectStore,
  runId: number,
  period: { from?: string; until?: string },
  context: EvaluateContext,
): Promise<EvaluatedTravelTimes> {
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
  const settings = parseEtaSettings(config.settings);
  const known = { trips: observed, observations: store.readObservations() };
  const predicted = await predictTrips(network, trained, settings, test, known, stage(context, 1));
  const train = store.readTrips({
    ...(config.from && { from: config.from }),
    ...(config.until && { until: config.until }),
  });
  const others = await estimateBaselines(
    network,
    { train, test, observed },
    {
      models: trained.models,
      segmentModel: crossFittedBaseline(trained.models, train),
      deepSets(inner) {
        const run = { models: trained.models, settings, seed: config.seed };
        return deepSetsEstimates(readTrainingData(store, config, settings), run, test, known, inner);
      },
    },
    context.baselines ?? 'fast',
    stage(context, 2),
  );
  const trips = evaluationTrips(network, test, observed, predicted.trips);
  return { result: { runId, ...figuresOf(period, test, trips, predicted, others) }, trips };
}

function figuresOf(
  { from, until }: { from?: string; until?: string },
  test: TripSet,
  trips: EvaluationTrips,
  predicted: PredictedTrips,
  others: Record<string, Estimates>,
): Omit<EtaEvaluation, 'runId'> {
  const metrics = etaMetrics(predicted.trips, test.totalS);
  return {
    from: from ?? null,
    until: until ?? null,
    metrics,
    baselines: Object.fromEntries(
      Object.entries(others).map(([id, estimates]) => [id, etaMetrics(estimates, test.totalS)]),
    ),
    badReduction: badReductions(test, predicted.trips, others),
    slices: sliceTrips(trips, test.totalS).map(({ by, label, positions }) => ({
      by,
      label,
      metrics: etaMetrics(predicted.trips, test.totalS, positions),
    })),
    horizons: horizonErrors(test, predicted.traversalS, predicted.anchorS),
    distribution: distributionFigures(predicted.trips, test.totalS),
  };
}

/** 1 − share of bad ETAs ÷ that of each baseline, bounded over resampled days; baselines without a bad ETA are left out. */
function badReductions(
  { totalS, localDepartS }: TripSet,
  model: Estimates,
  others: Record<string, Estimates>,
): EtaEvaluation['badReduction'] {
  const { blockOf } = resamplingBlocks(localDepartS);
  const bad = ({ medianS }: Estimates) => totalS.map((seconds, i) => Number(isBadEta(medianS[i], seconds)));
  const own = bad(model);
  return Object.entries(others).flatMap(([baseline, estimates]) => {
    const of = bad(estimates);
    if (!of.some((value) => value > 0)) return [];
    // A resample in which the baseline has no bad ETA says nothing: it counts as no reduction.
    const reduction = (means: Float64Array) => (means[1] > 0 ? 1 - means[0] / means[1] : 0);
    const [{ value, low, high }] = blockBootstrap(blockOf, [own, of], [reduction], new Random(SEED));
    return [{ baseline, share: value, low, high }];
  });
}

function evaluationTrips(
  network: RoadNetwork,
  test: TripSet,
  observed: TripSet,
  { medianS, low80S, high80S }: IntervalEstimates,
): EvaluationTrips {
  // Test trips are a stretch of all trips, which are in order of departure.
  const first = test.count > 0 ? observed.departS.indexOf(test.departS[0]) : 0;
  return {
    trip: Uint32Array.from({ length: test.count }, (_, i) => first + i),
    ...tripTraits(network, test),
    observedS: test.totalS,
    medianS: Float32Array.from(medianS),
    low80S: Float32Array.from(low80S),
    high80S: Float32Array.from(high80S),
  };
}

function stage(context: TaskContext, step: number): TaskContext {
  return { signal: context.signal, report: (progress) => context.report({ ...progress, step, steps: 2 }) };
}
