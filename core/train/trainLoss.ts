import { quietContext, type Random, type TaskContext } from '../base/index.ts';
import type { Device, Feed } from '../device/types.ts';
import type { ParameterLayout } from '../gnn/parameters.ts';
import type { Program } from '../tensor/index.ts';
import { firstSnapshot, runTraining, type Validation } from './loop.ts';
import { constantSchedule, type Schedule } from './schedules.ts';
import { ADAM_DEFAULTS, type StepOptions, trainingProgram } from './step.ts';

export interface TrainLossTask {
  device: Device;
  /** Of the weights; their start is drawn from `random`. */
  layout: ParameterLayout;
  random: Random;
  /** Any traced program with the input `parameters` and the scalar output `loss`; other scalar outputs become metrics. */
  loss: Program;
  /** The batches of one epoch, counted from 0; an array is every epoch's. */
  batches: readonly Feed[] | ((epoch: number) => Iterable<Feed> | AsyncIterable<Feed>);
  epochs: number;
  /** A number stays as it is all along. */
  learningRate: number | Schedule;
  /**
   * Judges the averaged weights after each epoch: by the mean loss over batches, or as the function says. Left out, the
   * last weights are the best.
   */
  validation?: readonly Feed[] | ((average: Float32Array) => Promise<Validation>);
  /** Epochs without a better score after which training ends; as many as `epochs` where left out. */
  patience?: number;
  options?: StepOptions;
  context?: TaskContext;
}

export interface TrainedLoss {
  /** [layout.size] the averaged weights of the best epoch. */
  parameters: Float32Array;
  /** Counted from 1. */
  bestEpoch: number;
  /** Of each epoch: means over its batches, and what validation said. */
  history: { training: Record<string, number>; validation: Validation }[];
}

/** Trains any traced loss from a fresh start, for scripts: {@link runTraining} without its checkpoints. Throws `cancelled`. */
export async function trainLoss(task: TrainLossTask): Promise<TrainedLoss> {
  const { device, layout, loss, batches, epochs, learningRate, validation } = task;
  const options = task.options ?? ADAM_DEFAULTS;
  const step = await device.compile(trainingProgram(loss, options));
  const forward = await device.compile(loss);
  const meanLoss = async (feeds: readonly Feed[], parameters: Float32Array): Promise<Validation> => {
    let total = 0;
    for (const feed of feeds) total += (await forward.run({ ...feed, parameters })).loss[0];
    return { score: total / feeds.length, metrics: {} };
  };
  const judge =
    typeof validation === 'function'
      ? validation
      : validation && ((average: Float32Array) => meanLoss(validation, average));
  const trained: TrainedLoss = { parameters: new Float32Array(layout.size), bestEpoch: 0, history: [] };
  try {
    await runTraining(
      {
        executable: step,
        options,
        epochs,
        patience: task.patience ?? epochs,
        learningRate: typeof learningRate === 'number' ? constantSchedule(learningRate) : learningRate,
        batches: typeof batches === 'function' ? batches : () => batches,
        ...(judge && { validate: judge }),
        onEpoch({ snapshot, isBest, training, validation }) {
          trained.history.push({ training, validation });
          if (isBest)
            Object.assign(trained, { parameters: snapshot.arrays.average, bestEpoch: snapshot.epoch });
        },
      },
      firstSnapshot(layout, task.random, options),
      { ...(task.context ?? quietContext), stop: new AbortController().signal },
    );
  } finally {
    await step.dispose();
    await forward.dispose();
  }
  return trained;
}
