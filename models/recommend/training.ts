import { Random, type TaskContext } from '@etalon/core/base';
import type { Device, Executable, Feed } from '@etalon/core/device';
import { evaluateRanking, type HeldOutData, type RankingTask } from '@etalon/core/interactions';
import {
  ADAM_DEFAULTS,
  type EpochReport,
  epochCosine,
  firstSnapshot,
  runTraining,
  type Schedule,
  type StepOptions,
  type TrainingSnapshot,
  trainingProgram,
  type Validation,
} from '@etalon/core/train';
import { dotScorer } from './scorer.ts';
import type { TrainingSettings } from './settings.ts';
import type { Outputs, Prepared, RecommenderNetwork, RecommenderSystem } from './system.ts';

/** Lengths of the lists that validation looks at, and the figure that it raises. */
const KS = [10];
const JUDGED_BY = 'ndcg@10';
const WARM_UP_EPOCHS = 2;

export interface SystemTraining<S extends TrainingSettings, P extends Prepared> {
  system: RecommenderSystem<S, P>;
  network: RecommenderNetwork;
  prepared: P;
  settings: S;
  seed: number;
  device: Device;
  /** What training is judged by after each epoch; without `validation`: nothing, and its last weights are the best. */
  heldBack: HeldOutData;
}

/** Trains from a snapshot, or from the start; see `runTraining` for how it ends. */
export async function trainSystem<S extends TrainingSettings, P extends Prepared>(
  { system, network, prepared, settings, seed, device, heldBack }: SystemTraining<S, P>,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EpochReport) => void,
): Promise<void> {
  const { epochs } = settings;
  const batchesPerEpoch = system.batchesPerEpoch(prepared, settings);
  const { validation } = heldBack;
  const outputsOf = (forward: Executable, parameters: Float32Array) =>
    system.states
      ? system.states(prepared, settings, parameters, device, context)
      : forward.run({ ...prepared.feed, parameters });
  const judge = async (task: RankingTask, outputs: Outputs): Promise<Validation> => {
    if (system.validate) return system.validate(prepared, outputs, settings, heldBack);
    const { figures } = await evaluateRanking(dotScorer(outputs, task.items), task, { ks: KS });
    const values = Object.entries(figures).map(([name, { value }]) => [`val ${name}`, value] as const);
    return { score: -figures[system.validatedBy ?? JUDGED_BY].value, metrics: Object.fromEntries(values) };
  };
  const first = (start?.epoch ?? 0) * batchesPerEpoch;
  const range = { seed, first, end: epochs * batchesPerEpoch, signal: context.signal };
  const producers = system.producers?.(prepared, settings, range);
  const schedule = system.schedule?.(settings, batchesPerEpoch);
  try {
    await trainNetwork(
      {
        network,
        settings,
        seed,
        device,
        batchesPerEpoch,
        ...(schedule && { schedule }),
        async *batches(epoch, { step, forward }) {
          const mined = system.mines?.(settings, epoch) && {
            outputs: await forward.run({ ...prepared.feed, parameters: await step.getState('average') }),
          };
          const made =
            producers?.take(batchesPerEpoch) ??
            system.batches?.(prepared, settings, { seed, epoch, ...mined });
          for await (const batch of made ?? []) yield { ...prepared.feed, ...batch };
        },
        ...(validation && {
          validate: async (average: Float32Array, forward: Executable) =>
            judge(validation, await outputsOf(forward, average)),
        }),
      },
      start,
      context,
      onEpoch,
    );
  } finally {
    await producers?.close();
  }
}

/** A network's programs while they are trained. */
export interface TrainedPrograms {
  step: Executable;
  forward: Executable;
}

/** A loss to be trained as its settings say. */
export interface WeightTraining {
  network: Pick<RecommenderNetwork, 'layout' | 'loss'>;
  settings: TrainingSettings;
  seed: number;
  device: Device;
  batchesPerEpoch: number;
  /** Epochs in which the learning rate rises, before its cosine; two where left out. */
  warmUpEpochs?: number;
  /** Learning rates of all steps, in place of that. */
  schedule?: Schedule;
  /** Networks that share nothing, see `StepOptions`. */
  clipParts?: number;
  /** The batches of an epoch, whole feeds. */
  batches(epoch: number, step: Executable): Iterable<Feed> | AsyncIterable<Feed>;
  /** Judges averaged weights after an epoch. Left out: the last weights are the best. */
  validate?(average: Float32Array): Promise<Validation>;
}

/** Trains from a snapshot, or from the start; see `runTraining` for how it ends. */
export async function trainWeights(
  training: WeightTraining,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EpochReport) => void,
): Promise<void> {
  const { network, settings, seed, device, batchesPerEpoch, warmUpEpochs = WARM_UP_EPOCHS } = training;
  const { weightDecay, clipNorm, averageDecay, epochs, patience, learningRate } = settings;
  const { clipParts = 1 } = training;
  const options: StepOptions = { ...ADAM_DEFAULTS, weightDecay, clipNorm, clipParts, averageDecay };
  const step = await device.compile(trainingProgram(network.loss, options));
  try {
    await runTraining(
      {
        executable: step,
        options,
        epochs,
        patience: training.validate ? patience : epochs,
        learningRate:
          training.schedule ?? epochCosine(learningRate, { epochs, warmUpEpochs, batchesPerEpoch }),
        batchesPerEpoch,
        batches: (epoch) => training.batches(epoch, step),
        ...(training.validate && { validate: (average: Float32Array) => training.validate!(average) }),
        onEpoch,
      },
      start ?? firstSnapshot(network.layout, new Random(seed), options),
      context,
    );
  } finally {
    await step.dispose();
  }
}

export interface NetworkTraining extends Omit<WeightTraining, 'network' | 'batches' | 'validate'> {
  network: Pick<RecommenderNetwork, 'layout' | 'forward' | 'loss'>;
  /** The batches of an epoch, whole feeds. */
  batches(epoch: number, programs: TrainedPrograms): Iterable<Feed> | AsyncIterable<Feed>;
  /** Judges averaged weights after an epoch. Left out: the last weights are the best. */
  validate?(average: Float32Array, forward: Executable): Promise<Validation>;
}

/** The same where batches or their judge ask the network itself. */
export async function trainNetwork(
  training: NetworkTraining,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EpochReport) => void,
): Promise<void> {
  const { batches, validate, ...loss } = training;
  const forward = await training.device.compile(training.network.forward);
  try {
    await trainWeights(
      {
        ...loss,
        batches: (epoch, step) => batches(epoch, { step, forward }),
        ...(validate && { validate: (average: Float32Array) => validate(average, forward) }),
      },
      start,
      context,
      onEpoch,
    );
  } finally {
    await forward.dispose();
  }
}
