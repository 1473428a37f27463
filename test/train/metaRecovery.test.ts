import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import { mean, type Program, square, sub, Trace } from '../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  constantSchedule,
  META_DEFAULTS,
  type StepOptions,
  trainLoss,
  withWarmUp,
} from '../../core/train/index.ts';

/** A noisy line in six dimensions of unequal scale: y = w·x + 0.5 + noise, whose variance 0.25 is the least loss there is. */
const WEIGHTS = [2, -1, 3, 0.5, -2, 1];
const SCALES = [1, 1, 0.5, 2, 0.3, 1];
const INPUTS = WEIGHTS.length;
/** The tuned rate is the best of these. */
const RATES = [0.003, 0.01, 0.03, 0.1];
const OPTIONS: StepOptions = { ...ADAM_DEFAULTS, averageDecay: 0 };

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

it.each([1, 2])(
  'training ends near the tuned rate’s loss from rates 30 times off with MetaGradients, and not without (seed %i)',
  async (seed) => {
    const fixed = (rate: number) => finalLoss(rate, OPTIONS, seed);
    const learned = (rate: number) => finalLoss(rate, { ...OPTIONS, meta: META_DEFAULTS }, seed);
    const losses: number[] = [];
    for (const rate of RATES) losses.push(await fixed(rate));
    const limit = 1.05 * Math.min(...losses);
    const tuned = RATES[losses.indexOf(Math.min(...losses))];
    for (const rate of [tuned / 30, tuned * 30]) {
      expect(await fixed(rate), `fixed ${rate}`).toBeGreaterThan(limit);
      expect(await learned(rate), `learned from ${rate}`).toBeLessThan(limit);
    }
  },
);

async function finalLoss(rate: number, options: StepOptions, seed: number): Promise<number> {
  const { layout, loss } = line();
  const { history } = await trainLoss({
    ...{ device, layout, loss, options, random: new Random(seed) },
    batches: (epoch) => rows(100, 16, 1000 * seed + epoch),
    epochs: 10,
    learningRate: withWarmUp(50, constantSchedule(rate)),
    validation: rows(4, 256, 999),
  });
  return history.at(-1)!.validation.score;
}

function line(): { layout: ParameterLayout; loss: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'line', INPUTS, 1);
  const trace = new Trace();
  const predicted = layer(bindParameters(trace, layout), trace.input('x', ['graphs', INPUTS]));
  const loss = mean(square(sub(predicted, trace.input('y', ['graphs', 1]))));
  return { layout, loss: trace.program({ loss }) };
}

function rows(batches: number, size: number, seed: number): Feed[] {
  const random = new Random(seed);
  return Array.from({ length: batches }, () => {
    const x = Float32Array.from({ length: INPUTS * size }, (_, i) => SCALES[i % INPUTS] * random.normal());
    const y = Float32Array.from({ length: size }, (_, row) =>
      WEIGHTS.reduce((total, weight, k) => total + weight * x[row * INPUTS + k], 0.5 + 0.5 * random.normal()),
    );
    return { x, y };
  });
}
