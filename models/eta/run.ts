import type { RunConfig, TrainContext } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { onDevice } from '@etalon/core/device';
import type { MetricPoint, ProjectStore } from '@etalon/core/project';
import { type CrossFit, selectTrips, type TripSet } from '@etalon/core/roads';
import { metricPoints } from '../recordEpoch.ts';
import { judgeBaselines } from './baselineFigures.ts';
import { bestCheckpoint, latestCheckpoint, readLatest, readTrained } from './checkpoint.ts';
import { trainInPasses } from './passes.ts';
import { prepareTraining, readTrainingData, type TrainingData } from './prepare.ts';
import { parseEtaSettings } from './settings.ts';

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  const config = store.run(runId).config as RunConfig;
  const settings = parseEtaSettings(config.settings);
  const data = readTrainingData(store, config, settings);
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  const earlier = checkpoint && readLatest(data.network, checkpoint);
  const prepared = await prepareTraining(data, settings, config.seed, context, earlier?.prepared);
  if (!earlier) store.addMetrics(runId, await baselinePoints(data, prepared.models, context));
  let place = earlier?.place ?? null;
  const note = (stage: string) => context.report({ stage, done: 0 });
  await onDevice(context.device, note, async (device) => {
    store.updateRun(runId, { device: device.description });
    const input = { data, ...prepared, settings, seed: config.seed, device };
    await trainInPasses(input, place, context, {
      best: (weights, epoch) =>
        store.saveCheckpoint(runId, 'best', bestCheckpoint({ ...prepared, ...weights }, epoch)),
      kept: () => readTrained(store, runId),
      epoch(next, figures) {
        store.addMetrics(runId, metricPoints(next.snapshot.epoch, figures));
        store.saveCheckpoint(runId, 'latest', latestCheckpoint(prepared, next));
        place = next;
      },
    });
  });
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
  return Object.entries(figures).map(([id, maeS]) => ({
    epoch: 0,
    name: `baseline.${id}.valMae`,
    value: maeS,
  }));
}
