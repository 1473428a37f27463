import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import { bindParameters, lstm, ParameterLayout } from '../../core/gnn/index.ts';
import {
  gradients,
  interpret,
  mul,
  type Program,
  slice,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { weightsByName } from '../support/plainGnn.ts';
import { relativeError } from '../support/relativeError.ts';

const [ROWS, STEPS, INPUTS, HIDDEN] = [4, 5, 3, 2];
/** Steps of each sequence. */
const LENGTHS = [5, 1, 3, 4];

const layout = new ParameterLayout();
const layer = lstm(layout, 'lstm', INPUTS, HIDDEN);

function program(output: (last: Tensor, trace: Trace) => Record<string, Tensor>): Program {
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const x = trace.input('x', ['n', STEPS * INPUTS]);
  const present = trace.input('present', ['n', STEPS]);
  const steps = Array.from({ length: STEPS }, (_, t) => ({
    x: slice(x, t * INPUTS, (t + 1) * INPUTS),
    present: slice(present, t, t + 1),
  }));
  return trace.program(output(layer(weights, steps), trace));
}

const random = new Random(3);
const feed = {
  parameters: Float64Array.from({ length: layout.size }, () => random.normal()),
  x: Float64Array.from({ length: ROWS * STEPS * INPUTS }, () => random.normal()),
  present: Float64Array.from({ length: ROWS * STEPS }, (_, i) =>
    i % STEPS < LENGTHS[Math.floor(i / STEPS)] ? 1 : 0,
  ),
};

/** Gate by gate and step by step, each sequence by itself and only as long as it is. */
function plainLstm(row: number): number[] {
  const weight = weightsByName(layout, feed.parameters);
  const [kernel, recurrent, bias] = ['kernel', 'recurrent', 'bias'].map((part) => weight(`lstm.${part}`));
  const sigma = (z: number) => 1 / (1 + Math.exp(-z));
  let h = new Array<number>(HIDDEN).fill(0);
  let c = new Array<number>(HIDDEN).fill(0);
  for (let t = 0; t < LENGTHS[row]; t++) {
    const pre = (column: number) => {
      let z = bias[column];
      for (let i = 0; i < INPUTS; i++)
        z += feed.x[row * STEPS * INPUTS + t * INPUTS + i] * kernel[i * 4 * HIDDEN + column];
      for (let i = 0; i < HIDDEN; i++) z += h[i] * recurrent[i * 4 * HIDDEN + column];
      return z;
    };
    const units = h.map((_, unit) => {
      const [i, f, g, o] = [0, 1, 2, 3].map((gate) => pre(gate * HIDDEN + unit));
      const cell = sigma(f + 1) * c[unit] + sigma(i) * Math.tanh(g);
      return { cell, state: sigma(o) * Math.tanh(cell) };
    });
    c = units.map(({ cell }) => cell);
    h = units.map(({ state }) => state);
  }
  return h;
}

describe('LSTM', () => {
  const expected = Array.from({ length: ROWS }, (_, row) => plainLstm(row)).flat();

  it('is a plain loop over the steps of each sequence', () => {
    const { outputs } = interpret(
      program((last) => ({ last })),
      feed,
    );
    expect(relativeError(outputs.last, expected)).toBeLessThan(1e-12);
  });

  it('has the gradients of finite differences', () => {
    const withLoss = program((last, trace) => {
      const loss = sum(mul(last, last));
      const [parameters, x] = gradients(loss, [trace.inputNamed('parameters'), trace.inputNamed('x')]);
      return { loss, parameters, x };
    });
    const { outputs } = interpret(withLoss, feed);
    for (const name of ['parameters', 'x'])
      expect(relativeError(outputs[name], centralDifferences(withLoss, feed, name))).toBeLessThan(1e-7);
  });

  it('gives the same on the CPU device', async () => {
    const device = await openDevice('cpu');
    try {
      const executable = await device.compile(program((last) => ({ last })));
      const { last } = await executable.run({
        parameters: Float32Array.from(feed.parameters),
        x: Float32Array.from(feed.x),
        present: Float32Array.from(feed.present),
      });
      expect(relativeError(last, expected)).toBeLessThan(1e-5);
    } finally {
      await device.dispose();
    }
  });
});
