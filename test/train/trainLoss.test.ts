import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import { interpret, mean, type Program, square, sub, Trace } from '../../core/tensor/index.ts';
import { trainLoss } from '../../core/train/index.ts';

/** y = 2a − b + 0.5, with noise. */
const KERNEL = [2, -1];
const BIAS = 0.5;

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

describe('trainLoss', () => {
  const { layout, loss } = line();
  const task = () => ({
    ...{ device, layout, loss, random: new Random(3) },
    batches: (epoch: number) => rows(20, 16, 100 + epoch),
    epochs: 12,
    learningRate: 0.05,
  });

  it('finds the weights that made the data', async () => {
    const { parameters, history, bestEpoch } = await trainLoss(task());
    [...KERNEL, BIAS].forEach((weight, i) => {
      expect(parameters[i]).toBeCloseTo(weight, 1);
    });
    expect([history.length, bestEpoch]).toEqual([12, 12]);
    expect(history[11].training.loss).toBeLessThan(0.1 * history[0].training.loss);
  });

  it('returns the averaged weights of the epoch whose mean validation loss is least', async () => {
    const validation = rows(5, 32, 1);
    const { parameters, history, bestEpoch } = await trainLoss({ ...task(), validation });
    const scores = history.map(({ validation }) => validation.score);
    expect(bestEpoch).toBe(scores.indexOf(Math.min(...scores)) + 1);
    const losses = validation.map((batch) => interpret(loss, { ...batch, parameters }).outputs.loss[0]);
    expect(losses.reduce((a, b) => a + b) / losses.length).toBeCloseTo(Math.min(...scores), 5);
  });

  it('ends early by patience, judged by a function', async () => {
    let asked = 0;
    const { history, bestEpoch } = await trainLoss({
      ...task(),
      patience: 2,
      validation: async () => ({ score: [3, 1, 2, 2, 0][asked++], metrics: { asked } }),
    });
    expect([history.length, bestEpoch]).toEqual([4, 2]);
    expect(history[3].validation.metrics).toEqual({ asked: 4 });
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const short = { ...task(), epochs: 2 };
    const first = await trainLoss({ ...short, random: new Random(3) });
    expect(await trainLoss({ ...short, random: new Random(3) })).toEqual(first);
    expect((await trainLoss({ ...short, random: new Random(4) })).parameters).not.toEqual(first.parameters);
  });
});

function line(): { layout: ParameterLayout; loss: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'line', 2, 1);
  const trace = new Trace();
  const predicted = layer(bindParameters(trace, layout), trace.input('x', ['graphs', 2]));
  const loss = mean(square(sub(predicted, trace.input('y', ['graphs', 1]))));
  return { layout, loss: trace.program({ loss }) };
}

function rows(batches: number, size: number, seed: number): Feed[] {
  const random = new Random(seed);
  return Array.from({ length: batches }, () => {
    const x = Float32Array.from({ length: 2 * size }, () => random.normal());
    const y = Float32Array.from(
      { length: size },
      (_, i) => KERNEL[0] * x[2 * i] + KERNEL[1] * x[2 * i + 1] + BIAS + 0.1 * random.normal(),
    );
    return { x, y };
  });
}
