import { EtalonError, type Random, type TaskContext } from '../base/index.ts';
import type { Device } from '../device/types.ts';
import { bindParameters, categoricalCrossEntropy, ParameterLayout } from '../gnn/index.ts';
import { add, matmul, mean, mul, square, sum, Trace } from '../tensor/index.ts';
import { cosineDecay } from './schedules.ts';
import { ADAM_DEFAULTS } from './step.ts';
import { trainLoss } from './trainLoss.ts';

const STEPS = 400;
const LEARNING_RATE = 0.1;

/** Rows of numbers and the class of each. */
export interface LabelledRows {
  /** [rows · width] row-major; columns are best scaled alike. */
  readonly values: Float32Array;
  /** [rows] 0 … classes − 1 */
  readonly labels: Int32Array;
}

export interface SoftmaxRegressionOptions {
  readonly device: Device;
  readonly classes: number;
  /** λ, each tried; the one with the least loss on `validation` is taken, the first without it. */
  readonly penalties: readonly number[];
  readonly validation?: LabelledRows;
  readonly random: Random;
  readonly context?: TaskContext;
}

export interface SoftmaxModel {
  /** [width · classes] and [classes]. */
  readonly weights: Float32Array;
  readonly intercepts: Float32Array;
  readonly penalty: number;
  /** [rows · classes] */
  probabilities(values: Float32Array): Float64Array;
}

/**
 * Multinomial logistic regression: the W and b that make mean(−log softmax(x W + b)[label]) + λ Σ W² least, by full-batch Adam, whose rate falls to
 * where it moves no more. Throws `internal` without rows, `cancelled`.
 */
export async function softmaxRegression(
  { values, labels }: LabelledRows,
  options: SoftmaxRegressionOptions,
): Promise<SoftmaxModel> {
  const { device, classes, penalties, validation, random, context } = options;
  if (labels.length === 0) throw new EtalonError('internal', 'internal: a regression on no rows');
  const width = values.length / labels.length;
  const layout = new ParameterLayout();
  const kernel = layout.declare('kernel', [width, classes], 'zeros');
  const bias = layout.declare('bias', [classes], 'zeros');
  const fit = async (penalty: number): Promise<SoftmaxModel> => {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const logits = add(matmul(trace.input('x', ['rows', width]), weights(kernel)), weights(bias));
    const cost = mean(categoricalCrossEntropy(logits, trace.input('label', ['rows'], 'i32')));
    const loss = trace.program({ loss: add(cost, mul(sum(square(weights(kernel))), penalty)) });
    const { parameters } = await trainLoss({
      device,
      layout,
      random,
      loss,
      batches: [{ x: values, label: labels }],
      epochs: STEPS,
      learningRate: cosineDecay(LEARNING_RATE, { steps: STEPS, floor: 1e-4 }),
      options: { ...ADAM_DEFAULTS, weightDecay: 0, averageDecay: 0 },
      ...(context && { context }),
    });
    const [w, b] = [parameters.slice(0, width * classes), parameters.slice(width * classes)];
    return {
      weights: w,
      intercepts: b,
      penalty,
      probabilities: (rows) => softmaxRows(rows, w, b),
    };
  };
  let best: { model: SoftmaxModel; loss: number } | undefined;
  for (const penalty of validation ? penalties : penalties.slice(0, 1)) {
    const model = await fit(penalty);
    const loss = validation ? meanLoss(model, validation, classes) : 0;
    if (!best || loss < best.loss) best = { model, loss };
  }
  if (!best) throw new EtalonError('internal', 'internal: a regression without a penalty to try');
  return best.model;
}

function meanLoss(model: SoftmaxModel, { values, labels }: LabelledRows, classes: number): number {
  const probabilities = model.probabilities(values);
  return labels.reduce((sum, label, row) => sum - Math.log(probabilities[row * classes + label]), 0);
}

/** softmax(x W + b), row by row. */
function softmaxRows(values: Float32Array, weights: Float32Array, intercepts: Float32Array): Float64Array {
  const classes = intercepts.length;
  const width = weights.length / classes;
  const rows = values.length / width;
  const probabilities = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const logits = Float64Array.from(intercepts);
    for (let k = 0; k < width; k++) {
      const value = values[row * width + k];
      if (value !== 0) for (let c = 0; c < classes; c++) logits[c] += value * weights[k * classes + c];
    }
    probabilities.set(softmaxOf(logits), row * classes);
  }
  return probabilities;
}

/** exp(x) / Σ exp(x) in plain numbers; no power overflows. */
export function softmaxOf(logits: ArrayLike<number>): Float64Array {
  const largest = Math.max(...Array.from(logits));
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
