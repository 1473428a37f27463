import { Random, type TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { evaluateRanking, type HeldOutData, type RankingTask } from '@etalon/core/interactions';
import {
  ADAM_DEFAULTS,
  type EpochReport,
  epochCosine,
  firstSnapshot,
  runTraining,
  type StepOptions,
  type TrainingSnapshot,
  trainingProgram,
  type Validation,
} from '@etalon/core/train';
import { dotScorer } from './scorer.ts';
import type { TrainingSettings } from './settings.ts';
import type { Prepared, RecommenderNetwork, RecommenderSystem } from './system.ts';

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
  const { weightDecay, clipNorm, averageDecay, epochs, patience, learningRate } = settings;
  const options: StepOptions = { ...ADAM_DEFAULTS, weightDecay, clipNorm, averageDecay };
  const batchesPerEpoch = system.batchesPerEpoch(prepared, settings);
  const step = await device.compile(trainingProgram(network.loss, options));
  const forward = await device.compile(network.forward);
  const { validation } = heldBack;
  const judge = async (task: RankingTask, parameters: Float32Array): Promise<Validation> => {
    const outputs = system.states
      ? await system.states(prepared, settings, parameters, device, context)
      : await forward.run({ ...prepared.feed, parameters });
    if (system.validate) return system.validate(prepared, outputs, settings, heldBack);
    const { figures } = await evaluateRanking(dotScorer(outputs, task.items), task, { ks: KS });
    const values = Object.entries(figures).map(([name, { value }]) => [`val ${name}`, value] as const);
    return { score: -figures[JUDGED_BY].value, metrics: Object.fromEntries(values) };
  };
  const first = (start?.epoch ?? 0) * batchesPerEpoch;
  const range = { seed, first, end: epochs * batchesPerEpoch, signal: context.signal };
  const producers = system.producers?.(prepared, settings, range);
  try {
    await runTraining(
      {
        executable: step,
        options,
        epochs,
        patience: validation ? patience : epochs,
        learningRate:
          system.schedule?.(settings, batchesPerEpoch) ??
          epochCosine(learningRate, { epochs, warmUpEpochs: WARM_UP_EPOCHS, batchesPerEpoch }),
        batchesPerEpoch,
        async *batches(epoch) {
          const mined = system.mines?.(settings, epoch) && {
            outputs: await forward.run({ ...prepared.feed, parameters: await step.getState('average') }),
          };
          const made =
            producers?.take(batchesPerEpoch) ??
            system.batches?.(prepared, settings, { seed, epoch, ...mined });
          for await (const batch of made ?? []) yield { ...prepared.feed, ...batch };
        },
        ...(validation && { validate: (average) => judge(validation, average) }),
        onEpoch,
      },
      start ?? firstSnapshot(network.layout, new Random(seed), options),
      context,
    );
  } finally {
    await producers?.close();
    await step.dispose();
    await forward.dispose();
  }
}
