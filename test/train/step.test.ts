import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { interpret } from '../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  initialTrainingState,
  SGD_DEFAULTS,
  type StepOptions,
  stepScalars,
  trainingProgram,
} from '../../core/train/index.ts';
import { relativeError } from '../support/relativeError.ts';
import { INPUTS, OUTPUTS, regression, regressionBatches } from './regression.ts';

const STEPS = 12;
const COMMON = { weightDecay: 0.3, clipNorm: 0.8, averageDecay: 0.4 };
const OPTIONS: Record<string, StepOptions> = {
  'plain descent': { ...SGD_DEFAULTS, ...COMMON, momentum: 0 },
  'descent with momentum': { ...SGD_DEFAULTS, ...COMMON, momentum: 0.8, nesterov: false },
  'descent with Nesterov’s momentum': { ...SGD_DEFAULTS, ...COMMON, momentum: 0.8, nesterov: true },
  Adam: { ...ADAM_DEFAULTS, ...COMMON, kind: 'adam' },
  AdamW: { ...ADAM_DEFAULTS, ...COMMON },
};
const rate = (step: number) => 0.05 / step;

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

describe.each(Object.entries(OPTIONS))('the training step of %s', (_, options) => {
  const { layout, forward } = regression();
  const program = trainingProgram(forward, options);
  const batches = [...regressionBatches(1, STEPS, 1.5)];
  const start = layout.initialise(new Random(1));
  const expected = plainTraining(start, layout.decayFactors(), batches, options);
  const initial = initialTrainingState(layout, start, options);

  it('is tried with gradients that are clipped and gradients that are not', () => {
    const norms = expected.map(({ gradientNorm }) => gradientNorm);
    expect(Math.max(...norms)).toBeGreaterThan(options.clipNorm);
    expect(Math.min(...norms)).toBeLessThan(options.clipNorm);
  });

  it('starts with every entry of its state', () => {
    expect(Object.keys(initial).sort()).toEqual(program.state.map(({ name }) => name).sort());
  });

  it('follows its paper, with clipping and averaging, in float64', () => {
    let state: Record<string, Float64Array> = Object.fromEntries(
      Object.entries(initial).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    batches.forEach((batch, i) => {
      const step = interpret(program, { ...batch, ...stepScalars(i + 1, rate(i + 1), options), ...state });
      state = step.state;
      for (const name of ['loss', 'gradientNorm'] as const)
        expect(step.outputs[name][0], `${name} of step ${i + 1}`).toBeCloseTo(expected[i][name], 6);
      // Scalars are fed as float32.
      for (const [name, values] of Object.entries(expected[i].state))
        expect(relativeError(state[name], values), `${name} after step ${i + 1}`).toBeLessThan(1e-6);
      expect([...state.decayFactors]).toEqual([...layout.decayFactors()]);
    });
  });

  it('is the same to float32 on the CPU device', async () => {
    const executable = await device.compile(program);
    for (const [name, values] of Object.entries(initial)) await executable.setState(name, values);
    for (const [i, batch] of batches.entries()) {
      const { loss } = await executable.run({ ...batch, ...stepScalars(i + 1, rate(i + 1), options) });
      expect(loss[0]).toBeCloseTo(expected[i].loss, 4);
    }
    for (const [name, values] of Object.entries(expected[STEPS - 1].state))
      expect(relativeError(await executable.getState(name), values), name).toBeLessThan(1e-5);
    await executable.dispose();
  });
});

interface PlainStep {
  loss: number;
  gradientNorm: number;
  state: Record<string, number[]>;
}

/** A training in plain numbers, with the gradient of the regression worked out by hand. */
function plainTraining(
  start: Float32Array,
  decayFactors: Float32Array,
  batches: readonly Feed[],
  options: StepOptions,
): PlainStep[] {
  let state: PlainStep['state'] = { parameters: [...start], average: [...start] };
  return batches.map(({ x, y }, i) => {
    const t = i + 1;
    const { loss, gradient } = plainGradient(state.parameters, x, y);
    const gradientNorm = Math.hypot(...gradient);
    const g = gradient.map((value) =>
      gradientNorm > options.clipNorm ? (value / gradientNorm) * options.clipNorm : value,
    );
    const keep = Math.min(options.averageDecay, (1 + t) / (10 + t));
    const next = plainUpdate(state, g, decayFactors, t, options);
    const average = state.average.map((a, k) => keep * a + (1 - keep) * next.parameters[k]);
    state = { ...next, average };
    return { loss, gradientNorm, state };
  });
}

/** One update, line by line as the papers have it. */
function plainUpdate(
  state: Record<string, number[]>,
  clipped: number[],
  decayFactors: Float32Array,
  t: number,
  options: StepOptions,
): Record<string, number[]> {
  const theta = state.parameters;
  const zeros = theta.map(() => 0);
  const decay = theta.map((value, k) => options.weightDecay * decayFactors[k] * value);
  const g = options.kind === 'adamW' ? clipped : clipped.map((value, k) => value + decay[k]);
  if (options.kind === 'sgd') {
    const velocity = (state.velocity ?? zeros).map((v, k) => options.momentum * v + g[k]);
    const along = options.nesterov ? velocity.map((v, k) => g[k] + options.momentum * v) : velocity;
    return { velocity, parameters: theta.map((value, k) => value - rate(t) * along[k]) };
  }
  const { beta1, beta2, epsilon } = options;
  const moment1 = (state.moment1 ?? zeros).map((m, k) => beta1 * m + (1 - beta1) * g[k]);
  const moment2 = (state.moment2 ?? zeros).map((v, k) => beta2 * v + (1 - beta2) * g[k] ** 2);
  const parameters = theta.map((value, k) => {
    const mHat = moment1[k] / (1 - beta1 ** t);
    const vHat = moment2[k] / (1 - beta2 ** t);
    const decoupled = options.kind === 'adamW' ? decay[k] : 0;
    return value - rate(t) * (mHat / (Math.sqrt(vHat) + epsilon) + decoupled);
  });
  return { moment1, moment2, parameters };
}

function plainGradient(parameters: number[], x: ArrayLike<number>, y: ArrayLike<number>) {
  const rows = y.length / OUTPUTS;
  const gradient = parameters.map(() => 0);
  let loss = 0;
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < OUTPUTS; j++) {
      let z = parameters[INPUTS * OUTPUTS + j];
      for (let i = 0; i < INPUTS; i++) z += x[row * INPUTS + i] * parameters[i * OUTPUTS + j];
      const error = Math.tanh(z) - y[row * OUTPUTS + j];
      loss += error ** 2 / (rows * OUTPUTS);
      const dz = ((2 * error) / (rows * OUTPUTS)) * (1 - Math.tanh(z) ** 2);
      for (let i = 0; i < INPUTS; i++) gradient[i * OUTPUTS + j] += dz * x[row * INPUTS + i];
      gradient[INPUTS * OUTPUTS + j] += dz;
    }
  return { loss, gradient };
}
