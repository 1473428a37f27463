import type { Feed } from '../device/types.ts';
import type { ParameterLayout } from '../gnn/parameters.ts';
import {
  add,
  div,
  gradients,
  min,
  mul,
  type Program,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  Trace,
} from '../tensor/index.ts';
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
 */
export function trainingProgram(forward: Program, options: StepOptions): Program {
  const { trace, tensors } = Trace.from(forward);
  const outputs = Object.fromEntries(forward.outputs.map(({ name, id }) => [name, tensors[id]]));
  const parameters = trace.inputNamed('parameters');
  const [gradient] = gradients(outputs.loss, [parameters]);
  const declared = new Map<string, Tensor>();
  const input = (shape: Tensor['shape']) => (name: string) => {
    const known = declared.get(name) ?? trace.input(name, shape);
    declared.set(name, known);
    return known;
  };
  const state = input(parameters.shape);
  const scalar = input([]);

  const meta = options.meta && metaStep(options.meta, { trace, outputs, parameters, gradient, scalar });
  const taught = meta?.taught ?? gradient;
  const gradientNorm = sqrt(add(sum(square(taught)), 1e-20));
  const clipScale = min(div(options.clipNorm, gradientNorm), 1);
  const clipped = mul(taught, clipScale);
  const { direction, moments, sensitivity } = updateOf(options, {
    parameters,
    gradient: clipped,
    state,
    scalar,
  });
  const learningRate = meta?.learningRate(scalar('learningRate')) ?? scalar('learningRate');
  const next = sub(parameters, mul(direction, learningRate));

  const keep = scalar('averageKeep');
  const average = add(mul(state('average'), keep), mul(next, sub(1, keep)));
  return trace.program(
    { ...outputs, gradientNorm, ...(meta && { learningRate, ...meta.outputs }) },
    {
      ...{ parameters: next, ...moments, average, decayFactors: state('decayFactors') },
      ...meta?.state({ direction, clipScale, sensitivity }),
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
