import { Random, type TaskContext } from '@etalon/core/base';
import type { Device, Executable, Feed } from '@etalon/core/device';
import { type CrossFit, localDay } from '@etalon/core/roads';
import {
  ADAM_DEFAULTS,
  constantSchedule,
  cosineDecay,
  type EpochReport,
  exponentialDecay,
  initialTrainingState,
  META_DEFAULTS,
  runTraining,
  type Schedule,
  type StepOptions,
  type TrainingSnapshot,
  trainingProgram,
  withWarmUp,
} from '@etalon/core/train';
import { type BatchSource, forwardFeed, lossFeed } from './batch.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { allFeatures, keptFeatures } from './features.ts';
import { type EtaNetwork, type EtaShape, etaNetwork, LOSS_PARTS } from './network.ts';
import { type PathSet, type Stretch, sampleSupersegments, wholePaths } from './paths.ts';
import { meanSeconds, type TrainingData } from './prepare.ts';
import type { EtaSettings } from './settings.ts';
import { judgeValidation } from './validation.ts';

/** Paths whose totals are asked in one run of the forward program. */
const FORWARD_PATHS = 256;

export interface TrainingInput {
  data: TrainingData;
  models: CrossFit;
  paths: PathSet;
  shape: EtaShape;
  settings: EtaSettings;
  seed: number;
  device: Device;
}

export interface EtaEpoch extends EpochReport {
  /** Fitted to this epoch's validation predictions. */
  calibration: Calibration;
}

/** Where training starts, before its first epoch. */
export function firstSnapshot(network: EtaNetwork, settings: EtaSettings, seed: number): TrainingSnapshot {
  const parameters = network.layout.initialise(new Random(seed));
  return {
    epoch: 0,
    step: 0,
    bestScore: Number.POSITIVE_INFINITY,
    bestEpoch: 0,
    arrays: initialTrainingState(network.layout, parameters, stepOptions(settings)),
  };
}

function stepOptions(settings: EtaSettings): StepOptions {
  const { optimiser: kind, momentum, weightDecay, clipNorm, averageDecay } = settings;
  const { metaGradients, metaRate, metaWeightRate, metaTraceDecay } = settings;
  const optimiser =
    kind === 'sgd'
      ? { kind, momentum, nesterov: true, weightDecay }
      : { ...ADAM_DEFAULTS, kind, weightDecay };
  return {
    ...optimiser,
    clipNorm,
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
  const [, ...others] = LOSS_PARTS.filter((part) => settings[part] > 0);
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

/** Trains from a snapshot, or from the start; see `runTraining` for how it ends. */
export async function trainEta(
  input: TrainingInput,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EtaEpoch) => void,
): Promise<void> {
  const { data, models, paths, shape, settings, seed, device } = input;
  const network = etaNetwork(shape, settings);
  const source: BatchSource = {
    network: data.network,
    models,
    paths,
    features: keptFeatures(allFeatures(paths), shape),
  };
  const scale = {
    meanS: meanSeconds(data.trips, data.trainTrips),
    relativeExponent: settings.relativeExponent,
  };
  const supersegments = paths.trips.segmentS
    ? Math.round(settings.supersegmentShare * data.trainTrips.length)
    : 0;
  const batchesPerEpoch = Math.ceil((data.trainTrips.length + supersegments) / settings.batchPaths);
  const options = stepOptions(settings);
  const step = await device.compile(trainingProgram(network.loss, options));
  const forward = await device.compile(network.forward);
  try {
    const validation = wholePaths(paths, data.validationTrips);
    const observedS = data.validationTrips.map((trip) => data.trips.totalS[trip]);
    const dayOf = data.validationTrips.map((trip) => localDay(data.trips.localDepartS[trip]));
    let latest: Calibration | undefined;
    await runTraining(
      {
        executable: step,
        options,
        epochs: settings.epochs,
        patience: settings.patience,
        learningRate: schedule(settings, batchesPerEpoch),
        batchesPerEpoch,
        batches: (epoch) => epochBatches(epoch),
        validate: async (average) => {
          const predicted = await predictStretches(forward, source, validation, average);
          latest = calibrate(predicted.totalS, predicted.logSigma, observedS);
          return judgeValidation(predicted, observedS, dayOf);
        },
        onEpoch: (report) => onEpoch({ ...report, calibration: latest! }),
      },
      start ?? firstSnapshot(network, settings, seed),
      context,
    );
  } finally {
    await step.dispose();
    await forward.dispose();
  }

  /** The same stretches in the same order for the same seed and epoch, wherever training was resumed. */
  function* epochBatches(epoch: number): Generator<Feed> {
    const random = new Random(seed * 7919 + epoch + 1);
    const stretches = [
      ...wholePaths(paths, data.trainTrips),
      ...sampleSupersegments(
        paths,
        data.trainTrips,
        { count: supersegments, length: settings.supersegmentLength },
        random,
      ),
    ];
    random.shuffle(stretches);
    for (let begin = 0; begin < stretches.length; begin += settings.batchPaths)
      yield lossFeed(source, stretches.slice(begin, begin + settings.batchPaths), scale);
  }
}

export interface StretchPredictions {
  /** Uncalibrated seconds and log σ of each stretch. */
  totalS: Float32Array;
  logSigma: Float32Array;
  /** Uncalibrated seconds of each traversal, stretch after stretch. */
  secondsS: Float32Array;
}

/** Runs the forward program over stretches, in batches, with the given weights. */
export async function predictStretches(
  forward: Executable,
  source: BatchSource,
  stretches: readonly Stretch[],
  parameters: Float32Array,
): Promise<StretchPredictions> {
  const totalS = new Float32Array(stretches.length);
  const logSigma = new Float32Array(stretches.length);
  const secondsS = new Float32Array(stretches.reduce((total, { start, end }) => total + end - start, 0));
  let node = 0;
  for (let begin = 0; begin < stretches.length; begin += FORWARD_PATHS) {
    const batch = stretches.slice(begin, begin + FORWARD_PATHS);
    const out = await forward.run({ ...forwardFeed(source, batch), parameters });
    totalS.set(out.total, begin);
    logSigma.set(out.logSigma, begin);
    secondsS.set(out.seconds, node);
    node += out.seconds.length;
  }
  return { totalS, logSigma, secondsS };
}
