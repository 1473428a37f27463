import { breathe, EtalonError, type Random, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { Executable, Feed } from '../device/types.ts';
import type { ParameterLayout } from '../gnn/parameters.ts';
import { programInputs } from '../tensor/index.ts';
import { RunsAhead } from './runsAhead.ts';
import { initialTrainingState, type StepOptions, stepScalars } from './step.ts';

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

/** Where training starts, before its first epoch. */
export function firstSnapshot(
  layout: ParameterLayout,
  random: Random,
  options?: StepOptions,
): TrainingSnapshot {
  return {
    epoch: 0,
    step: 0,
    bestScore: Number.POSITIVE_INFINITY,
    bestEpoch: 0,
    arrays: initialTrainingState(layout, layout.initialise(random), options),
  };
}

export interface TrainingTask {
  executable: Executable;
  options: StepOptions;
  epochs: number;
  /** Epochs without a better score after which training ends. */
  patience: number;
  learningRate: (step: number) => number;
  /** The batches of one epoch, the same for the same epoch whenever it is asked. */
  batches: (epoch: number) => Iterable<Feed> | AsyncIterable<Feed>;
  /** For the progress that is reported; left out, it has no total. */
  batchesPerEpoch?: number;
  /** Judges the moving average of the weights; left out, each epoch's are the best so far, and only the epochs end training. */
  validate?: (average: Float32Array) => Promise<Validation>;
  /** What the progress that is reported calls it; "Training" where left out. */
  stage?: string;
  /** Called after each epoch, with the snapshot to keep and whether the weights are the best so far. */
  onEpoch: (epoch: EpochReport) => void | Promise<void>;
}

export interface EpochReport {
  snapshot: TrainingSnapshot;
  isBest: boolean;
  /** Means over the epoch's batches of the learning rate and every scalar output: loss, its parts, gradientNorm. */
  training: Record<string, number>;
  /** Without a judge its score is `bestScore` as it was, and it has no metrics. */
  validation: Validation;
}

/**
 * Trains from `start` until the epochs are done, patience ends or `stop` is aborted. Throws `cancelled` when the
 * context's signal is aborted: the last snapshot that `onEpoch` was given is then what to resume from; `input` when the
 * loss is no number any more. With the same start the same batches follow, so an interrupted run ends where an unbroken one would have.
 */
export async function runTraining(
  task: TrainingTask,
  start: TrainingSnapshot,
  context: TaskContext & { stop: AbortSignal },
): Promise<void> {
  const stateNames = task.executable.program.state.map(({ name }) => name);
  for (const name of stateNames) await task.executable.setState(name, start.arrays[name]);
  const drawsSeed = programInputs(task.executable.program).has('seed');
  let { step, bestScore, bestEpoch } = start;
  let learned = '';

  for (let epoch = start.epoch; epoch < task.epochs; epoch++) {
    if (epoch - bestEpoch >= task.patience) return;
    const means = new Means();
    const runs = new RunsAhead(task.executable);
    for await (const batch of task.batches(epoch)) {
      throwIfCancelled(context.signal);
      if (context.stop.aborted) return;
      step++;
      const at = step;
      const scalars = stepScalars(step, task.learningRate(step), task.options);
      await runs.start({ ...(drawsSeed && seedOf(step)), ...batch, ...scalars }, (outputs) => {
        if (!Number.isFinite(outputs.loss[0])) throw diverged(epoch, at);
        // A learned rate is among the outputs, and takes the place of the scheduled one.
        means.add({ learningRate: scalars.learningRate, ...outputs });
      });
      context.report({
        stage: `${task.stage ?? 'Training'}, epoch ${epoch + 1} of ${task.epochs}${learned}`,
        done: step,
        ...(task.batchesPerEpoch !== undefined && { total: task.epochs * task.batchesPerEpoch }),
        unit: 'batches',
      });
      await breathe();
    }
    await runs.end();

    const arrays: Record<string, Float32Array> = {};
    for (const name of stateNames) arrays[name] = await task.executable.getState(name);
    const judged = await task.validate?.(arrays.average);
    const validation = judged ?? { score: bestScore, metrics: {} };
    const isBest = !judged || judged.score < bestScore;
    if (isBest) {
      bestScore = validation.score;
      bestEpoch = epoch + 1;
    }
    const snapshot = { epoch: epoch + 1, step, bestScore, bestEpoch, arrays };
    const training = means.values();
    if (task.options.meta) learned = `, learning rate ${training.learningRate.toPrecision(2)}`;
    await task.onEpoch({ snapshot, isBest, training, validation });
  }
}

/** What `Draws` asks for: other random numbers at each step, the same after a resume. A batch may bring a seed of its own. */
const seedOf = (step: number): Feed => ({ seed: Int32Array.of(step) });

/** The gradient of a loss that is no number leaves no weight a number. */
function diverged(epoch: number, step: number): EtalonError {
  return new EtalonError(
    'input',
    `Training diverged in epoch ${epoch + 1}: the loss of step ${step} is no number.`,
    {
      remedy: 'Lower the learning rate, or let MetaGradients find one.',
    },
  );
}

class Means {
  readonly #totals = new Map<string, number>();
  #count = 0;

  add(outputs: Readonly<Record<string, ArrayLike<number>>>): void {
    this.#count++;
    for (const [name, values] of Object.entries(outputs))
      if (values.length === 1) this.#totals.set(name, (this.#totals.get(name) ?? 0) + values[0]);
  }

  values(): Record<string, number> {
    return Object.fromEntries([...this.#totals].map(([name, total]) => [name, total / this.#count]));
  }
}
