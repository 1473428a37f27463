import { breathe, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { Executable, Feed } from '../device/types.ts';
import { type AdamOptions, stepScalars, TRAINING_STATE } from './optimiser.ts';
import { RunsAhead } from './runsAhead.ts';

/** What a validation says of the averaged weights: `score` is what early stopping lowers. */
export interface Validation {
  score: number;
  metrics: Record<string, number>;
}

/** Everything needed to go on after an interruption, between two epochs. */
export interface TrainingSnapshot {
  /** Epochs done. */
  epoch: number;
  step: number;
  bestScore: number;
  bestEpoch: number;
  /** The training state by its names. */
  arrays: Record<string, Float32Array>;
}

export interface TrainingTask {
  executable: Executable;
  adam: AdamOptions;
  epochs: number;
  /** Epochs without a better score after which training ends. */
  patience: number;
  learningRate: (step: number) => number;
  /** The batches of one epoch, the same for the same epoch whenever it is asked. */
  batches: (epoch: number) => Iterable<Feed>;
  batchesPerEpoch: number;
  /** Judges the moving average of the weights. */
  validate: (average: Float32Array) => Promise<Validation>;
  /** Called after each epoch, with the snapshot to keep and whether the weights are the best so far. */
  onEpoch: (epoch: EpochReport) => void | Promise<void>;
}

export interface EpochReport {
  snapshot: TrainingSnapshot;
  isBest: boolean;
  /** Means over the epoch's batches of every scalar output: loss, its parts, gradientNorm. */
  training: Record<string, number>;
  validation: Validation;
}

/**
 * Trains from `start` until the epochs are done, patience ends or `stop` is aborted. Throws `cancelled` when the
 * context's signal is aborted: the last snapshot that `onEpoch` was given is then what to resume from. With the same
 * start the same batches follow, so an interrupted run ends where an unbroken one would have.
 */
export async function runTraining(
  task: TrainingTask,
  start: TrainingSnapshot,
  context: TaskContext & { stop: AbortSignal },
): Promise<void> {
  for (const name of TRAINING_STATE) await task.executable.setState(name, start.arrays[name]);
  let { step, bestScore, bestEpoch } = start;

  for (let epoch = start.epoch; epoch < task.epochs; epoch++) {
    if (epoch - bestEpoch >= task.patience) return;
    const means = new Means();
    const runs = new RunsAhead(task.executable, (outputs) => means.add(outputs));
    let batchIndex = 0;
    for (const batch of task.batches(epoch)) {
      throwIfCancelled(context.signal);
      if (context.stop.aborted) return;
      step++;
      const scalars = stepScalars(step, task.learningRate(step), task.adam);
      await runs.start({ ...batch, ...scalars });
      batchIndex++;
      context.report({
        stage: `Training, epoch ${epoch + 1} of ${task.epochs}`,
        done: epoch * task.batchesPerEpoch + batchIndex,
        total: task.epochs * task.batchesPerEpoch,
        unit: 'batches',
      });
      await breathe();
    }
    await runs.end();

    const arrays: Record<string, Float32Array> = {};
    for (const name of TRAINING_STATE) arrays[name] = await task.executable.getState(name);
    const validation = await task.validate(arrays.average);
    const isBest = validation.score < bestScore;
    if (isBest) {
      bestScore = validation.score;
      bestEpoch = epoch + 1;
    }
    const snapshot = { epoch: epoch + 1, step, bestScore, bestEpoch, arrays };
    await task.onEpoch({ snapshot, isBest, training: means.values(), validation });
  }
}

class Means {
  readonly #totals = new Map<string, number>();
  #count = 0;

  add(outputs: Record<string, Float32Array>): void {
    this.#count++;
    for (const [name, values] of Object.entries(outputs))
      if (values.length === 1) this.#totals.set(name, (this.#totals.get(name) ?? 0) + values[0]);
  }

  values(): Record<string, number> {
    return Object.fromEntries([...this.#totals].map(([name, total]) => [name, total / this.#count]));
  }
}
