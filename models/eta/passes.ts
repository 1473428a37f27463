import type { TrainContext } from '@etalon/core/app/model';
import type { TrainingSnapshot } from '@etalon/core/train';
import type { Calibration } from './calibration.ts';
import type { TrainingData } from './prepare.ts';
import { type TrainingInput, trainEta } from './training.ts';

/** How far a training has come. */
export interface TrainingPlace {
  snapshot: TrainingSnapshot;
  /** In the pass over all days, how many epochs it has; absent while the number is still to be chosen. */
  refitEpochs?: number;
}

/** Weights to predict with, and what they were calibrated to. */
export interface TrainedWeights {
  parameters: Float32Array;
  calibration: Calibration;
}

/** Where training leaves what it makes. */
export interface TrainingKeeper {
  /** Weights that take the place of those before; called before the `epoch` that they come from. */
  best(trained: TrainedWeights, epoch: number): void;
  /** What `best` was given last. */
  kept(): TrainedWeights;
  /** After each epoch: where to go on after an interruption, and figures by name. */
  epoch(place: TrainingPlace, figures: Record<string, number>): void;
}

type PassContext = Pick<TrainContext, 'signal' | 'report' | 'stop'>;

/** Figures of the pass over all days begin with this: the same epochs were before. */
const REFIT = 'refit.';

/** Trains from a place, or from the start: on the training days, and with `refit` once more on all. Throws as `trainEta` does. */
export async function trainInPasses(
  input: TrainingInput,
  place: TrainingPlace | null,
  context: PassContext,
  keeper: TrainingKeeper,
): Promise<void> {
  if (input.settings.refit === 'off') {
    await chooseWeights(input, place, context, keeper);
    return;
  }
  const chosen = place?.refitEpochs ? place : await chooseWeights(input, place, stepOf(context, 1), keeper);
  if (chosen && !context.stop.aborted) await refit(input, chosen, stepOf(context, 2), keeper);
}

/** Keeps the epoch and the calibration that the validation days choose. Returns how far it came; null: not through an epoch. */
async function chooseWeights(
  input: TrainingInput,
  start: TrainingPlace | null,
  context: PassContext,
  keeper: TrainingKeeper,
): Promise<TrainingPlace | null> {
  let place = start;
  const pass = { stage: 'Training', epochs: input.settings.epochs };
  await trainEta(input, pass, start?.snapshot ?? null, context, (epoch) => {
    const { snapshot, training, validation, calibration, isBest } = epoch;
    if (isBest)
      keeper.best({ parameters: snapshot.arrays.average, calibration: calibration! }, snapshot.epoch);
    place = { snapshot };
    keeper.epoch(place, { ...training, ...validation.metrics });
  });
  return place;
}

/**
 * Trains anew on all days for as many epochs as were chosen, by the same schedule. No day is left to calibrate by: the
 * calibration stays that of the chosen epoch. Its last weights take the place of the best; ended before, they do not.
 */
async function refit(
  input: TrainingInput,
  place: TrainingPlace,
  context: PassContext,
  keeper: TrainingKeeper,
): Promise<void> {
  const refitEpochs = place.refitEpochs ?? place.snapshot.bestEpoch;
  const { calibration } = keeper.kept();
  const pass = { stage: 'Training on all days', epochs: refitEpochs };
  const start = place.refitEpochs ? place.snapshot : null;
  const onAllDays = { ...input, data: withoutValidation(input.data) };
  await trainEta(onAllDays, pass, start, context, ({ snapshot, training }) => {
    if (snapshot.epoch === refitEpochs)
      keeper.best({ parameters: snapshot.arrays.average, calibration }, refitEpochs);
    const apart = Object.entries(training).map(([name, value]) => [`${REFIT}${name}`, value]);
    keeper.epoch({ snapshot, refitEpochs }, Object.fromEntries(apart));
  });
}

function withoutValidation(data: TrainingData): TrainingData {
  return { ...data, trainTrips: [...Array(data.trips.count).keys()], validationTrips: [] };
}

function stepOf({ signal, stop, report }: PassContext, step: number): PassContext {
  return { signal, stop, report: (progress) => report({ ...progress, step, steps: 2 }) };
}
