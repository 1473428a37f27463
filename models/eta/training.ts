import { EtalonError, Random, type TaskContext } from '@etalon/core/base';
import type { Device, Executable, Feed } from '@etalon/core/device';
import { localDay } from '@etalon/core/roads';
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
import { type BatchSource, batchSource, forwardFeed, labelScale, lossFeed } from './batch.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { type EtaNetwork, etaNetwork, LOSS_PARTS } from './network.ts';
import { cutPaths, knownSeconds, type Stretch, sampleSupersegments, wholePaths } from './paths.ts';
import { meanSeconds, type PreparedTraining, type TrainingData } from './prepare.ts';
import type { EtaSettings } from './settings.ts';
import { judgeValidation } from './validation.ts';

/** Paths whose totals are asked in one run of the forward program. */
const FORWARD_PATHS = 256;

export interface TrainingInput extends PreparedTraining {
  data: TrainingData;
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
  const { data, paths, shape, settings, seed, device } = input;
  const network = etaNetwork(shape, settings);
  const source = batchSource({ network: data.network, ...input }, settings);
  const scale = labelScale(settings, meanSeconds(data.trips, data.trainTrips));
  const supersegments = paths.trips.segmentS
    ? Math.round(settings.supersegmentShare * data.trainTrips.length)
    : 0;
  const trained =
    settings.routeBy === 'whole'
      ? wholePaths(paths, data.trainTrips)
      : cutPaths(paths, data.trainTrips, settings.supersegmentLength)
          .flat()
          .filter(({ start, end }) => knownSeconds(paths, start, end));
  if (trained.length === 0)
    throw new EtalonError(
      'usage',
      'No trip has seconds for its segments, so paths cannot be cut into supersegments.',
      {
        where: { field: 'routeBy' },
        remedy: 'Set routeBy=whole.',
      },
    );
  const batchesPerEpoch = Math.ceil((trained.length + supersegments) / settings.batchPaths);
  const options = stepOptions(settings);
  const step = await device.compile(trainingProgram(network.loss, options));
  const forward = await device.compile(network.forward);
  try {
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
          const predicted = await predictRoutes(forward, source, data.validationTrips, average, settings);
          latest = calibrate(predicted.totalS, predicted.logSigma, observedS, settings.relativeExponent);
          return judgeValidation(predicted, observedS, dayOf, settings.relativeExponent);
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
      ...trained,
      ...sampleSupersegments(
        paths,
        data.trainTrips,
        { count: supersegments, length: settings.supersegmentLength },
        random,
      ),
    ];
    random.shuffle(stretches);
    for (let begin = 0; begin < stretches.length; begin += settings.batchPaths)
      yield lossFeed(source, stretches.slice(begin, begin + settings.batchPaths), scale, random);
  }
}

export interface StretchPredictions {
  /** Uncalibrated seconds and log σ of each stretch. */
  totalS: Float32Array;
  logSigma: Float32Array;
  /** Uncalibrated seconds of each traversal, stretch after stretch. */
  secondsS: Float32Array;
}

/**
 * Predicts whole paths: as one stretch each, or as their supersegments in driving order, each at the horizon reached so far
 * (Derrow-Pinion et al. 2021, §3). The errors of one path's supersegments are taken to go together: log σ is their mean by time.
 */
export async function predictRoutes(
  forward: Executable,
  source: BatchSource,
  positions: readonly number[],
  parameters: Float32Array,
  { routeBy, supersegmentLength }: Pick<EtaSettings, 'routeBy' | 'supersegmentLength'>,
): Promise<StretchPredictions> {
  const { paths } = source;
  if (routeBy === 'whole') return predictStretches(forward, source, wholePaths(paths, positions), parameters);
  const routes = cutPaths(paths, positions, supersegmentLength);
  const totalS = new Float32Array(routes.length);
  const weighted = new Float32Array(routes.length);
  const secondsS = routes.map(() => [] as Float32Array[]);
  const rounds = Math.max(0, ...routes.map((parts) => parts.length));
  for (let round = 0; round < rounds; round++) {
    const asked = [...routes.keys()].filter((route) => round < routes[route].length);
    const stretches = asked.map((route) => ({ ...routes[route][round], elapsedS: totalS[route] }));
    const part = await predictStretches(forward, source, stretches, parameters);
    let node = 0;
    asked.forEach((route, i) => {
      const length = stretches[i].end - stretches[i].start;
      totalS[route] += part.totalS[i];
      weighted[route] += part.totalS[i] * part.logSigma[i];
      secondsS[route].push(part.secondsS.subarray(node, node + length));
      node += length;
    });
  }
  // What a trip costs besides its traversals belongs to the whole, which no part is.
  positions.forEach((path, route) => {
    totalS[route] += routes[route].length > 1 ? paths.tripConstantS[path] : 0;
  });
  const all = secondsS.flat();
  const joined = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const seconds of all) {
    joined.set(seconds, at);
    at += seconds.length;
  }
  return { totalS, logSigma: weighted.map((sum, i) => sum / totalS[i]), secondsS: joined };
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
    const feed = forwardFeed(source, batch);
    const out = await forward.run({ ...feed, parameters });
    totalS.set(out.total, begin);
    logSigma.set(out.logSigma, begin);
    const routeS = onRouteOnly(out.seconds, feed.onRoute as Float32Array);
    secondsS.set(routeS, node);
    node += routeS.length;
  }
  return { totalS, logSigma, secondsS };
}

/** The nodes of the routes themselves, which come first of each graph's. */
export function onRouteOnly(values: Float32Array, onRoute: Float32Array): Float32Array {
  return values.filter((_, node) => onRoute[node] === 1);
}
