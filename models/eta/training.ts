import { Random, type TaskContext } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import { localDay } from '@etalon/core/roads';
import {
  ADAM_DEFAULTS,
  constantSchedule,
  cosineDecay,
  type EpochReport,
  exponentialDecay,
  firstSnapshot,
  META_DEFAULTS,
  runTraining,
  type Schedule,
  type StepOptions,
  type TrainingSnapshot,
  trainingProgram,
  withWarmUp,
} from '@etalon/core/train';
import { batchSource, labelScale, lossFeed } from './batch.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { batchesByHorizon } from './horizons.ts';
import { usedParts } from './losses.ts';
import { type EtaShape, etaNetwork } from './network.ts';
import { type Stretch, sampleSupersegments, trainingStretches } from './paths.ts';
import { predictRoutes } from './predictRoutes.ts';
import { meanSeconds, type PreparedTraining, type TrainingData } from './prepare.ts';
import type { EtaSettings } from './settings.ts';
import { teacherOf } from './teacher.ts';
import { judgeValidation } from './validation.ts';

export interface TrainingInput extends PreparedTraining {
  data: TrainingData;
  settings: EtaSettings;
  seed: number;
  device: Device;
}

export interface EtaEpoch extends EpochReport {
  /** Fitted to this epoch's validation predictions; absent without validation trips. */
  calibration?: Calibration;
}

/** A pass over the epochs of the schedule, or over the first of them. */
export interface Pass {
  stage: string;
  epochs: number;
}

function stepOptions(settings: EtaSettings, { horizons = 1 }: EtaShape): StepOptions {
  const { optimiser: kind, momentum, weightDecay, clipNorm, averageDecay } = settings;
  const { members, metaGradients, metaRate, metaWeightRate, metaTraceDecay } = settings;
  const optimiser =
    kind === 'sgd'
      ? { kind, momentum, nesterov: true, weightDecay }
      : { ...ADAM_DEFAULTS, kind, weightDecay };
  return {
    ...optimiser,
    clipNorm,
    clipParts: members * horizons,
    averageDecay,
    ...(metaGradients !== 'off' && {
      meta: {
        ...META_DEFAULTS,
        rate: metaRate,
        weightRate: metaWeightRate,
        traceDecay: metaTraceDecay,
        lossWeights: metaGradients === 'rate' ? {} : adaptedWeights(settings),
      },
    }),
  };
}

/** Weights that are learned beside that of the first part: only their ratios matter where the rate is learned too. */
function adaptedWeights(settings: EtaSettings): Record<string, number> {
  const [, ...others] = usedParts(settings);
  return Object.fromEntries(others.map((part) => [part, settings[part]]));
}

function schedule(settings: EtaSettings, batchesPerEpoch: number): Schedule {
  const { schedule, learningRate, epochs } = settings;
  const warmUp = Math.min(settings.warmUpSteps, batchesPerEpoch);
  const steps = epochs * batchesPerEpoch - warmUp;
  const after = {
    cosine: cosineDecay(learningRate, { steps }),
    exponential: exponentialDecay(learningRate, { steps }),
    constant: constantSchedule(learningRate),
  };
  return withWarmUp(warmUp, after[schedule]);
}

/**
 * Trains from a snapshot, or from the start, and judges each epoch by the validation trips, where there are any; see
 * `runTraining` for how it ends.
 */
export async function trainEta(
  input: TrainingInput,
  { stage, epochs }: Pass,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EtaEpoch) => void,
): Promise<void> {
  const { data, paths, shape, settings, seed, device } = input;
  const network = etaNetwork(shape, settings);
  const source = batchSource({ network: data.network, ...input }, settings);
  const teacher = await teacherOf(input, context);
  const scale = labelScale(settings, meanSeconds(data.trips, data.trainTrips), teacher);
  const supersegments = paths.trips.segmentS
    ? Math.round(settings.supersegmentShare * data.trainTrips.length)
    : 0;
  const trained = trainingStretches(paths, data.trainTrips, settings);
  const batchesPerEpoch = batchesOf(stretchesOf(new Random(seed))).length;
  const options = stepOptions(settings, shape);
  const step = await device.compile(trainingProgram(network.loss, options));
  const forward = await device.compile(network.forward);
  try {
    const observedS = data.validationTrips.map((trip) => data.trips.totalS[trip]);
    const dayOf = data.validationTrips.map((trip) => localDay(data.trips.localDepartS[trip]));
    let calibration: Calibration | undefined;
    const validate = async (average: Float32Array) => {
      const predicted = await predictRoutes(forward, source, data.validationTrips, average, settings);
      const { totalS, logSigma, ends } = predicted;
      calibration = calibrate(totalS, logSigma, observedS, settings.relativeExponent, ends);
      return judgeValidation(predicted, observedS, dayOf, settings.relativeExponent);
    };
    await runTraining(
      {
        executable: step,
        options,
        stage,
        epochs,
        patience: settings.patience,
        learningRate: schedule(settings, batchesPerEpoch),
        batchesPerEpoch,
        batches: (epoch) => epochBatches(epoch),
        ...(observedS.length > 0 && { validate }),
        onEpoch: (report) =>
          onEpoch({
            ...report,
            training: ofOneMember(report.training, settings),
            ...(calibration && { calibration }),
          }),
      },
      start ?? firstSnapshot(network.layout, new Random(seed), options),
      context,
    );
  } finally {
    await step.dispose();
    await forward.dispose();
  }

  /** The same stretches in the same order for the same seed and epoch, wherever training was resumed. */
  function* epochBatches(epoch: number): Generator<Feed> {
    const random = new Random(seed * 7919 + epoch + 1);
    const stretches = random.shuffle(stretchesOf(random));
    const batches = batchesOf(stretches);
    // In order of the horizon each network would learn once an epoch, and the last one last.
    if (source.horizons > 1) random.shuffle(batches);
    for (const batch of batches)
      yield lossFeed(
        source,
        batch.map((i) => stretches[i]),
        scale,
        random,
      );
  }

  function stretchesOf(random: Random): Stretch[] {
    const options = { count: supersegments, length: settings.supersegmentLength };
    return [...trained, ...sampleSupersegments(paths, data.trainTrips, options, random)];
  }

  function batchesOf(stretches: readonly Stretch[]): number[][] {
    return batchesByHorizon(paths, stretches, { horizons: source.horizons, size: settings.batchPaths });
  }
}

/** The loss that is trained is the members' sum: by their mean, runs of more and fewer members can be compared. */
function ofOneMember(training: Record<string, number>, settings: EtaSettings): Record<string, number> {
  const sums: readonly string[] = ['loss', ...usedParts(settings)];
  return Object.fromEntries(
    Object.entries(training).map(([name, value]) => [
      name,
      sums.includes(name) ? value / settings.members : value,
    ]),
  );
}
