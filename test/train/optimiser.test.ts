import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { interpret } from '../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  type AdamOptions,
  cosineSchedule,
  initialTrainingState,
  stepScalars,
  TRAINING_STATE,
  trainingProgram,
} from '../../core/train/index.ts';
import { relativeError } from '../support/relativeError.ts';
import { INPUTS, OUTPUTS, regression, regressionBatches } from './regression.ts';

const STEPS = 12;
const ADAM: AdamOptions = { ...ADAM_DEFAULTS, weightDecay: 0.3, clipNorm: 0.8, averageDecay: 0.4 };
const rate = (step: number) => 0.05 / step;

describe('the training step', () => {
  const { layout, forward } = regression();
  const program = trainingProgram(forward, ADAM);
  const batches = [...regressionBatches(1, STEPS, 1.5)];
  const start = layout.initialise(new Random(1));
  const expected = plainTraining(start, layout.decayFactors(), batches);

  it('is tried with gradients that are clipped and gradients that are not', () => {
    const norms = expected.map(({ gradientNorm }) => gradientNorm);
    expect(Math.max(...norms)).toBeGreaterThan(ADAM.clipNorm);
    expect(Math.min(...norms)).toBeLessThan(ADAM.clipNorm);
  });

  it('is AdamW with clipping and averaging, in float64', () => {
    let state: Record<string, Float64Array> = Object.fromEntries(
      Object.entries(initialTrainingState(layout, start)).map(([name, values]) => [
        name,
        Float64Array.from(values),
      ]),
    );
    batches.forEach((batch, i) => {
      const step = interpret(program, { ...batch, ...stepScalars(i + 1, rate(i + 1), ADAM), ...state });
      state = step.state;
      for (const name of ['loss', 'gradientNorm'] as const)
        expect(step.outputs[name][0], `${name} of step ${i + 1}`).toBeCloseTo(expected[i][name], 6);
      // Scalars are fed as float32.
      for (const name of ['parameters', 'moment1', 'moment2', 'average'] as const)
        expect(relativeError(state[name], expected[i][name]), `${name} after step ${i + 1}`).toBeLessThan(
          1e-6,
        );
      expect([...state.decayFactors]).toEqual([...layout.decayFactors()]);
    });
  });

  describe('on the CPU device', () => {
    let device: Device;
    beforeAll(async () => {
      device = await openDevice('cpu');
    });
    afterAll(() => device.dispose());

    it('is the same to float32', async () => {
      const executable = await device.compile(program);
      const initial = initialTrainingState(layout, start);
      for (const name of TRAINING_STATE) await executable.setState(name, initial[name]);
      for (const [i, batch] of batches.entries()) {
        const { loss } = await executable.run({ ...batch, ...stepScalars(i + 1, rate(i + 1), ADAM) });
        expect(loss[0]).toBeCloseTo(expected[i].loss, 4);
      }
      for (const name of ['parameters', 'moment1', 'moment2', 'average'] as const)
        expect(relativeError(await executable.getState(name), expected[STEPS - 1][name]), name).toBeLessThan(
          1e-5,
        );
    });
  });
});

describe('the schedule', () => {
  const schedule = cosineSchedule(0.01, { steps: 110, warmUp: 10, floor: 0.1 });

  it('rises in a line to its peak, then falls along half a cosine to its floor', () => {
    expect(schedule(1)).toBeCloseTo(0.001, 12);
    expect(schedule(5)).toBeCloseTo(0.005, 12);
    expect(schedule(10)).toBeCloseTo(0.01, 12);
    expect(schedule(60)).toBeCloseTo((0.01 + 0.001) / 2, 12);
    expect(schedule(35)).toBeCloseTo(0.001 + 0.009 * (0.5 + Math.SQRT1_2 / 2), 12);
    expect(schedule(110)).toBeCloseTo(0.001, 12);
  });

  it('never rises again, and stays at its floor past the end', () => {
    for (let step = 10; step < 110; step++) expect(schedule(step + 1)).toBeLessThan(schedule(step));
    expect(schedule(500)).toBeCloseTo(0.001, 12);
  });

  it('is finite where training is as long as the warm-up', () => {
    const short = cosineSchedule(0.01, { steps: 1, warmUp: 1 });
    expect([short(1), short(2)].every((value) => value > 0 && value <= 0.01)).toBe(true);
  });
});

interface PlainState {
  loss: number;
  gradientNorm: number;
  parameters: number[];
  moment1: number[];
  moment2: number[];
  average: number[];
}

/** Loshchilov & Hutter 2019, algorithm 2, line by line, with the gradient of the regression worked out by hand. */
function plainTraining(
  start: Float32Array,
  decayFactors: Float32Array,
  batches: readonly Feed[],
): PlainState[] {
  let parameters = [...start];
  let moment1 = parameters.map(() => 0);
  let moment2 = parameters.map(() => 0);
  let average = [...start];
  return batches.map(({ x, y }, i) => {
    const t = i + 1;
    const { loss, gradient } = plainGradient(parameters, x, y);
    const gradientNorm = Math.hypot(...gradient);
    const g = gradient.map((value) =>
      gradientNorm > ADAM.clipNorm ? (value / gradientNorm) * ADAM.clipNorm : value,
    );
    moment1 = moment1.map((m, k) => ADAM.beta1 * m + (1 - ADAM.beta1) * g[k]);
    moment2 = moment2.map((v, k) => ADAM.beta2 * v + (1 - ADAM.beta2) * g[k] ** 2);
    parameters = parameters.map((theta, k) => {
      const mHat = moment1[k] / (1 - ADAM.beta1 ** t);
      const vHat = moment2[k] / (1 - ADAM.beta2 ** t);
      const decay = ADAM.weightDecay * decayFactors[k] * theta;
      return theta - rate(t) * (mHat / (Math.sqrt(vHat) + ADAM.epsilon) + decay);
    });
    const keep = Math.min(ADAM.averageDecay, (1 + t) / (10 + t));
    average = average.map((a, k) => keep * a + (1 - keep) * parameters[k]);
    return { loss, gradientNorm, parameters, moment1, moment2, average };
  });
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
