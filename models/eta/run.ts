import type { RunConfig, TrainContext } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { onDevice } from '@etalon/core/device';
import type { MetricPoint, ProjectStore } from '@etalon/core/project';
import { type CrossFit, selectTrips, type TripSet } from '@etalon/core/roads';
import { judgeBaselines } from './baselineFigures.ts';
import {
  bestCheckpoint,
  latestCheckpoint,
  readLatest,
  readTrained,
  type TrainingPlace,
} from './checkpoint.ts';
import { prepareTraining, readTrainingData, type TrainingData } from './prepare.ts';
import { parseEtaSettings } from './settings.ts';
import { type EtaEpoch, type TrainingInput, trainEta } from './training.ts';

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
    const keep = (next: TrainingPlace) => {
      place = next;
    };
    const run = { store, runId, input, keep };
    if (settings.refit === 'off') return chooseWeights(run, place, context);
    if (!place?.refitEpochs) await chooseWeights(run, place, stepOf(context, 1));
    if (!context.stop.aborted) await refit(run, place!, stepOf(context, 2));
  });
}

interface RunUnderWay {
  store: ProjectStore;
  runId: number;
  input: TrainingInput;
  /** Told each epoch: where to begin when all is done once more. */
  keep(place: TrainingPlace): void;
}

/** Trains on the training days, and keeps the epoch and calibration that the validation days choose. */
function chooseWeights(
  { store, runId, input, keep }: RunUnderWay,
  place: TrainingPlace | null,
  context: TrainContext,
): Promise<void> {
  const pass = { stage: 'Training', epochs: input.settings.epochs };
  return trainEta(input, pass, place?.snapshot ?? null, context, (epoch) => {
    const { snapshot, training, validation, calibration, isBest } = epoch;
    // Best first, so that a checkpoint to resume from never lacks the best it speaks of.
    if (isBest) {
      const trained = { ...input, parameters: snapshot.arrays.average, calibration: calibration! };
      store.saveCheckpoint(runId, 'best', bestCheckpoint(trained, snapshot.epoch));
    }
    store.addMetrics(runId, pointsOf(snapshot.epoch, { ...training, ...validation.metrics }));
    store.saveCheckpoint(runId, 'latest', latestCheckpoint(input, { snapshot }));
    keep({ snapshot });
  });
}

/**
 * Trains anew on all days for as many epochs as were chosen, by the same schedule. No day is left to calibrate by: the calibration stays that
 * of the chosen epoch. Its last weights take the place of the best; ended before, they do not.
 */
async function refit(
  { store, runId, input, keep }: RunUnderWay,
  place: TrainingPlace,
  context: TrainContext,
): Promise<void> {
  const refitEpochs = place.refitEpochs ?? place.snapshot.bestEpoch;
  const { calibration } = readTrained(store, runId);
  const pass = { stage: 'Training on all days', epochs: refitEpochs };
  const start = place.refitEpochs ? place.snapshot : null;
  await trainEta(
    { ...input, data: withoutValidation(input.data) },
    pass,
    start,
    context,
    ({ snapshot, training }: EtaEpoch) => {
      if (snapshot.epoch === refitEpochs) {
        const trained = { ...input, parameters: snapshot.arrays.average, calibration };
        store.saveCheckpoint(runId, 'best', bestCheckpoint(trained, snapshot.epoch));
      }
      const apart = Object.entries(training).map(([name, value]) => [`${REFIT}${name}`, value]);
      store.addMetrics(runId, pointsOf(snapshot.epoch, Object.fromEntries(apart)));
      store.saveCheckpoint(runId, 'latest', latestCheckpoint(input, { snapshot, refitEpochs }));
      keep({ snapshot, refitEpochs });
    },
  );
}

/** Metrics of the pass over all days are told by this from those of the same epochs before. */
const REFIT = 'refit.';

function withoutValidation(data: TrainingData): TrainingData {
  return { ...data, trainTrips: [...Array(data.trips.count).keys()], validationTrips: [] };
}

function pointsOf(epoch: number, values: Record<string, number>): MetricPoint[] {
  return Object.entries(values)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ epoch, name, value }));
}

function stepOf(context: TrainContext, step: number): TrainContext {
  const { signal, stop, device } = context;
  return { signal, stop, device, report: (progress) => context.report({ ...progress, step, steps: 2 }) };
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
