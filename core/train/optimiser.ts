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
  Trace,
} from '../tensor/index.ts';

export interface AdamOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled (AdamW), multiplied by each parameter's own decay factor and the learning rate. */
  weightDecay: number;
  /** Gradients whose global norm exceeds this are scaled down to it. */
  clipNorm: number;
  /** Share of the old value that the moving average of the weights keeps each step. */
  averageDecay: number;
}

export const ADAM_DEFAULTS: AdamOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-4,
  clipNorm: 1,
  averageDecay: 0.999,
};

/** State entries of a training program; each is [parameters]. */
export const TRAINING_STATE = ['parameters', 'moment1', 'moment2', 'average', 'decayFactors'] as const;

/**
 * Adds one training step to a forward program that has the output `loss` and the input `parameters`: gradients,
 * clipping by global norm, AdamW (Loshchilov & Hutter 2019, algorithm 2), and an exponential moving average of the weights.
 * All of it is one program, so that a step is one call of the device. Adds the output `gradientNorm`.
 */
export function trainingProgram(forward: Program, options: AdamOptions): Program {
  const { trace, tensors } = Trace.from(forward);
  const outputs = Object.fromEntries(forward.outputs.map(({ name, id }) => [name, tensors[id]]));
  const parameters = trace.inputNamed('parameters');
  const [gradient] = gradients(outputs.loss, [parameters]);

  const state = (name: (typeof TRAINING_STATE)[number]) => trace.input(name, parameters.shape);
  const scalar = (name: keyof ReturnType<typeof stepScalars>) => trace.input(name, []);
  const gradientNorm = sqrt(add(sum(square(gradient)), 1e-20));
  const clipped = mul(gradient, min(div(options.clipNorm, gradientNorm), 1));

  const moment1 = add(mul(state('moment1'), options.beta1), mul(clipped, 1 - options.beta1));
  const moment2 = add(mul(state('moment2'), options.beta2), mul(square(clipped), 1 - options.beta2));
  const step = div(
    mul(moment1, scalar('moment1Correction')),
    add(sqrt(mul(moment2, scalar('moment2Correction'))), options.epsilon),
  );
  const decayFactors = state('decayFactors');
  const decay = mul(parameters, mul(decayFactors, options.weightDecay));
  const next = sub(parameters, mul(add(step, decay), scalar('learningRate')));

  const keep = scalar('averageKeep');
  const average = add(mul(state('average'), keep), mul(next, sub(1, keep)));
  return trace.program(
    { ...outputs, gradientNorm },
    { parameters: next, moment1, moment2, average, decayFactors },
  );
}

/** The scalars that a training program is fed at each step, counted from 1. */
export function stepScalars(step: number, learningRate: number, options: AdamOptions) {
  return {
    learningRate: Float32Array.of(learningRate),
    moment1Correction: Float32Array.of(1 / (1 - options.beta1 ** step)),
    moment2Correction: Float32Array.of(1 / (1 - options.beta2 ** step)),
    // Early steps average over few weights: the start must not linger.
    averageKeep: Float32Array.of(Math.min(options.averageDecay, (1 + step) / (10 + step))),
  } satisfies Feed;
}

/** The state before the first step. */
export function initialTrainingState(
  layout: ParameterLayout,
  parameters: Float32Array,
): Record<(typeof TRAINING_STATE)[number], Float32Array> {
  return {
    parameters,
    moment1: new Float32Array(layout.size),
    moment2: new Float32Array(layout.size),
    average: parameters.slice(),
    decayFactors: layout.decayFactors(),
  };
}

/** Linear warm-up, then half a cosine down to `floor` of the peak at the last step (Loshchilov & Hutter 2017, eq. 5). */
export function cosineSchedule(
  peak: number,
  { steps, warmUp, floor = 0.02 }: { steps: number; warmUp: number; floor?: number },
): (step: number) => number {
  return (step) => {
    if (step <= warmUp) return (peak * step) / warmUp;
    const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}
