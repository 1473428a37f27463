import { EtalonError } from '../base/index.ts';
import type { Feed } from '../device/types.ts';
import type { ParameterLayout } from '../gnn/parameters.ts';
import { add, gradients, mul, type Program, sub, Trace } from '../tensor/index.ts';
import { clipByNorm } from './clipping.ts';
import { initialMetaState, type MetaGradients, metaScalars, metaStep } from './metaGradients.ts';
import {
  type AdamOptimiser,
  momentsOf,
  type Optimiser,
  type SgdOptimiser,
  scalarsOf,
  updateOf,
} from './optimisers.ts';

/** How a training step goes on from the gradient. */
export type StepOptions = Optimiser & {
  /** Gradients whose global norm exceeds this are scaled down to it (Pascanu et al. 2013, algorithm 1). */
  clipNorm: number;
  /** The gradient is this many equal parts, each clipped by its own norm: networks that share nothing. 1 where left out. */
  clipParts?: number;
  /** Share of the old value that the moving average of the weights keeps each step. */
  averageDecay: number;
  /** Adapts the learning rate, and weights of the loss, while training runs; left out, nothing of it is computed. */
  meta?: MetaGradients;
};

export type AdamOptions = AdamOptimiser & StepOptions;
export type SgdOptions = SgdOptimiser & StepOptions;

export const SGD_DEFAULTS: SgdOptions = {
  kind: 'sgd',
  momentum: 0.9,
  nesterov: true,
  weightDecay: 1e-4,
  clipNorm: 1,
  averageDecay: 0.999,
};

export const ADAM_DEFAULTS: AdamOptions = {
  kind: 'adamW',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-4,
  clipNorm: 1,
  averageDecay: 0.999,
};

/**
 * Adds one training step to a forward program that has the output `loss` and the input `parameters`: gradients,
 * clipping by global norm, the optimiser, and an exponential moving average of the weights. All of it is one program over
 * flat tensors, so that a step is one call of the device. Adds the output `gradientNorm`, and with MetaGradients those
 * of {@link metaStep}.
 *
 * `rowInputs` are float inputs that the caller updates by itself (rows of embedding tables): they are part of the global norm,
 * and their clipped gradients come out as `<input>.gradient`. Weights of the loss cannot be learned for them.
 */
export function trainingProgram(
  forward: Program,
  options: StepOptions,
  rowInputs: readonly string[] = [],
): Program {
  if (rowInputs.length > 0 && Object.keys(options.meta?.lossWeights ?? {}).length > 0)
    throw new EtalonError(
      'internal',
      'internal: weights of the loss cannot be learned with embedding tables',
    );
  const { trace, tensors } = Trace.from(forward);
  const outputs = Object.fromEntries(forward.outputs.map(({ name, id }) => [name, tensors[id]]));
  const parameters = trace.inputNamed('parameters');
  const rows = rowInputs.map((name) => trace.inputNamed(name));
  const [gradient, ...rowGradients] = gradients(outputs.loss, [parameters, ...rows]);
  const state = (name: string) => trace.inputOnce(name, parameters.shape);
  const scalar = (name: string) => trace.inputOnce(name, []);

  const meta = options.meta && metaStep(options.meta, { trace, outputs, parameters, gradient, scalar });
  const taught = meta?.taught ?? gradient;
  const clip = clipByNorm(taught, rowGradients, options);
  rowInputs.forEach((name, i) => {
    outputs[`${name}.gradient`] = clip.rows[i];
  });
  const { direction, moments, sensitivity } = updateOf(options, {
    parameters,
    gradient: clip.clipped,
    state,
    scalar,
  });
  const learningRate = meta?.learningRate(scalar('learningRate')) ?? scalar('learningRate');
  const next = sub(parameters, mul(direction, learningRate));

  const keep = scalar('averageKeep');
  const average = add(mul(state('average'), keep), mul(next, sub(1, keep)));
  return trace.program(
    { ...outputs, gradientNorm: clip.norm, ...(meta && { learningRate, ...meta.outputs }) },
    {
      ...{ parameters: next, ...moments, average, decayFactors: state('decayFactors') },
      ...meta?.state({ direction, clippedAlong: clip.along, sensitivity }),
    },
  );
}

/** The scalars that a training program is fed at each step, counted from 1. */
export function stepScalars(step: number, learningRate: number, options: StepOptions): Feed {
  const scalars = {
    learningRate,
    ...scalarsOf(options, step),
    ...(options.meta && metaScalars(options.meta, step)),
    // Early steps average over few weights: the start must not linger.
    averageKeep: Math.min(options.averageDecay, (1 + step) / (10 + step)),
  };
  return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));
}

/** The state before the first step: every state entry of {@link trainingProgram} with the same options. */
export function initialTrainingState(
  layout: ParameterLayout,
  parameters: Float32Array,
  options: StepOptions = ADAM_DEFAULTS,
): Record<string, Float32Array> {
  const moments = momentsOf(options).map((name) => [name, new Float32Array(layout.size)]);
  return {
    parameters,
    ...Object.fromEntries(moments),
    average: parameters.slice(),
    decayFactors: layout.decayFactors(),
    ...(options.meta && initialMetaState(options.meta, layout.size)),
  };
}
