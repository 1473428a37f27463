import type { RunConfig, TrainContext } from '@etalon/core/app/model';
import { Random, type TaskContext } from '@etalon/core/base';
import { onDevice } from '@etalon/core/device';
import type { MetricPoint, ProjectStore } from '@etalon/core/project';
import { type CrossFit, selectTrips, type TripSet } from '@etalon/core/roads';
import type { TrainingSnapshot } from '@etalon/core/train';
import { judgeBaselines } from './baselineFigures.ts';
import { bestCheckpoint, latestCheckpoint, readLatest } from './checkpoint.ts';
import type { EtaShape } from './network.ts';
import type { PathSet } from './paths.ts';
import {
  describeTrainingPaths,
  fitModels,
  fitShape,
  readTrainingData,
  type TrainingData,
} from './prepare.ts';
import { parseEtaSettings } from './settings.ts';
import { type EtaEpoch, trainEta } from './training.ts';

interface Prepared {
  models: CrossFit;
  paths: PathSet;
  shape: EtaShape;
  snapshot: TrainingSnapshot | null;
}

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  const config = store.run(runId).config as RunConfig;
  const settings = parseEtaSettings(config.settings);
  const data = readTrainingData(store, config, settings);
  const prepared = await prepare(store, runId, data, config.seed, context);
  let { snapshot } = prepared;
  const note = (stage: string) => context.report({ stage, done: 0 });
  await onDevice(context.device, note, async (device) => {
    store.updateRun(runId, { device: device.description });
    const input = { data, ...prepared, settings, seed: config.seed, device };
    await trainEta(input, snapshot, context, (epoch) => {
      record(store, runId, prepared, epoch);
      snapshot = epoch.snapshot;
    });
  });
}

async function prepare(
  store: ProjectStore,
  runId: number,
  data: TrainingData,
  seed: number,
  context: TaskContext,
): Promise<Prepared> {
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  if (checkpoint) {
    const { models, shape, snapshot } = readLatest(data.network, checkpoint);
    return { models, shape, snapshot, paths: await describeTrainingPaths(data, models, context) };
  }
  const models = await fitModels(data, context);
  const paths = await describeTrainingPaths(data, models, context);
  store.addMetrics(runId, await baselinePoints(data, models, context));
  return { models, paths, shape: fitShape(data, models, paths, new Random(seed)), snapshot: null };
}

/** What the baselines say of the validation days: the lines that the curve of the run's own error has to pass. */
async function baselinePoints(
  { network, trips, trainTrips, validationTrips }: TrainingData,
  models: CrossFit,
  context: TaskContext,
): Promise<MetricPoint[]> {
  const judged = {
    train: selectTrips(trips, trainTrips),
    test: selectTrips(trips, validationTrips),
    observed: trips,
  };
  // By the models that did not see a trip's day, as the network's inputs are.
  const segmentModel = { predict: (test: TripSet) => ({ medianS: models.predictTrips(test) }) };
  const figures = await judgeBaselines(network, judged, segmentModel, context);
  return Object.entries(figures).map(([id, { maeS }]) => ({
    epoch: 0,
    name: `baseline.${id}.valMae`,
    value: maeS,
  }));
}

/** One epoch into the project: best first, so that a checkpoint to resume from never lacks the best it speaks of. */
function record(store: ProjectStore, runId: number, prepared: Prepared, epoch: EtaEpoch): void {
  const { models, shape } = prepared;
  const { snapshot, training, validation, calibration, isBest } = epoch;
  if (isBest)
    store.saveCheckpoint(
      runId,
      'best',
      bestCheckpoint({ models, shape, parameters: snapshot.arrays.average, calibration }, snapshot.epoch),
    );
  const points: MetricPoint[] = Object.entries({ ...training, ...validation.metrics })
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ epoch: snapshot.epoch, name, value }));
  store.addMetrics(runId, points);
  store.saveCheckpoint(runId, 'latest', latestCheckpoint(models, shape, snapshot));
}
