import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import {
  add,
  div,
  formatProgram,
  gradients,
  interpret,
  mean,
  min,
  mul,
  type Program,
  sqrt,
  square,
  sub,
  sum,
  Trace,
  tanh,
} from '../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  initialTrainingState,
  META_DEFAULTS,
  type MetaGradients,
  SGD_DEFAULTS,
  type StepOptions,
  stepScalars,
  trainingProgram,
} from '../../core/train/index.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';
import { regressionBatches } from './regression.ts';

type State = Record<string, Float64Array>;

const WEIGHTS = { squares: 0.7, quartics: 0.2 };
const RATE = 0.25;
const STEPS = 5;
const common = { weightDecay: 0.1, averageDecay: 0.5 };
const OPTIMISERS: Record<string, (clipNorm: number) => StepOptions> = {
  'plain descent': (clipNorm) => ({ ...SGD_DEFAULTS, ...common, momentum: 0, clipNorm }),
  momentum: (clipNorm) => ({ ...SGD_DEFAULTS, ...common, nesterov: false, clipNorm }),
  'Nesterov’s momentum': (clipNorm) => ({ ...SGD_DEFAULTS, ...common, clipNorm }),
  Adam: (clipNorm) => ({ ...ADAM_DEFAULTS, ...common, kind: 'adam', clipNorm }),
  AdamW: (clipNorm) => ({ ...ADAM_DEFAULTS, ...common, clipNorm }),
};
const CLIPS = { 'where gradients are clipped': 0.05, 'where they are not': 100 };
const cases = Object.entries(OPTIMISERS).flatMap(([name, of]) =>
  Object.entries(CLIPS).map(([clipping, clipNorm]) => ({ name, clipping, options: of(clipNorm) })),
);

describe.each(cases)('the meta-gradient of $name $clipping', ({ options }) => {
  // The meta-parameters stand still, away from where they begin: only their gradient is looked at.
  const meta: MetaGradients = {
    ...META_DEFAULTS,
    rate: 0,
    weightRate: 0,
    traceDecay: 0,
    lossWeights: WEIGHTS,
  };
  const { program, layout, forward } = training({ ...options, meta });
  const batches = [...regressionBatches(3, STEPS + 1, 1.5)];
  const logs = { learningRate: 0.3, squares: -0.4, quartics: 0.6 };
  const start: State = {
    ...asDoubles(initialTrainingState(layout, layout.initialise(new Random(2)), { ...options, meta })),
    ...Object.fromEntries(Object.entries(logs).map(([name, log]) => [`meta.${name}`, Float64Array.of(log)])),
  };
  const run = (state: State, batch: Feed, step: number) =>
    interpret(program, { ...batch, ...stepScalars(step, RATE, { ...options, meta }), ...state });
  const before = batches
    .slice(0, STEPS - 1)
    .reduce((state, batch, i) => run(state, batch, i + 1).state, start);
  const after = run(before, batches[STEPS - 1], STEPS);
  const next = run(after.state, batches[STEPS], STEPS + 1);

  it('is tried as it says', () => {
    expect(after.outputs.gradientNorm[0] > options.clipNorm).toBe(options.clipNorm < 1);
  });

  it.each(Object.entries(logs))('by the %s is that of finite differences', (name, log) => {
    const key = `meta.${name}`;
    const lossAt = (change: number) => {
      const changed = { ...before, [key]: before[key].map((log) => log + change) };
      const { parameters } = run(changed, batches[STEPS - 1], STEPS).state;
      return interpret(forward, { ...batches[STEPS], parameters }).outputs.loss[0];
    };
    const h = 1e-4;
    const byLog = (lossAt(h) - lossAt(-h)) / (2 * h);
    const rate = after.outputs.learningRate[0];
    const weight = WEIGHTS[name as keyof typeof WEIGHTS];
    // The trace of a weight is kept per unit of the learning rate; d/dλ = x d/dx.
    const expected = weight ? byLog / (weight * Math.exp(log)) / rate : byLog / rate;
    expect(Math.abs(expected)).toBeGreaterThan(1e-7);
    expect(next.outputs[`metaGradient.${name}`][0] / expected).toBeCloseTo(1, 5);
  });

  it('tells the learning rate and the weights that were used', () => {
    expect(next.outputs.learningRate[0]).toBeCloseTo(RATE * Math.exp(0.3), 12);
    expect(next.outputs['weight.squares'][0]).toBeCloseTo(0.7 * Math.exp(-0.4), 12);
    expect(next.outputs['weight.quartics'][0]).toBeCloseTo(0.2 * Math.exp(0.6), 12);
  });
});

describe('the meta step', () => {
  const meta: MetaGradients = {
    ...META_DEFAULTS,
    rate: 0.3,
    weightRate: 0.2,
    settle: 8,
    traceDecay: 0.6,
    bound: 1.5,
    lossWeights: WEIGHTS,
  };
  const options: StepOptions = { ...ADAM_DEFAULTS, ...common, meta };
  const { program, layout } = training(options);
  const start = initialTrainingState(layout, layout.initialise(new Random(2)), options);
  const batches = [...regressionBatches(3, 10, 1.5)];
  const trail = follow(program, start, batches, options);

  it('starts with every entry of its state', () => {
    expect(Object.keys(start).sort()).toEqual(program.state.map(({ name }) => name).sort());
  });

  it('is Adam on the log of the factor, by the cosine between the gradient and the trace, within its bounds', () => {
    const { beta1, beta2, rate, settle, bound } = meta;
    const logs: number[] = [];
    let [log, m, v] = [0, 0, 0];
    trail.forEach(({ before, gradient, outputs, after }, i) => {
      const z = before['meta.learningRate.trace'];
      const product = z.reduce((total, value, k) => total + value * gradient[k], 0);
      const cosine = i === 0 ? 0 : product / (Math.hypot(...gradient) * Math.hypot(...z));
      m = beta1 * m + (1 - beta1) * cosine;
      v = beta2 * v + (1 - beta2) * cosine ** 2;
      const step = m / (1 - beta1 ** (i + 1)) / (Math.sqrt(v / (1 - beta2 ** (i + 1))) + 1e-5);
      log = Math.max(
        -Math.log(bound),
        Math.min(Math.log(bound), log - (rate / Math.sqrt(1 + (i + 1) / settle)) * step),
      );
      logs.push(log);
      expect(after['meta.learningRate'][0]).toBeCloseTo(log, 5);
      expect(outputs.learningRate[0]).toBeCloseTo(RATE * Math.exp(log), 5);
    });
    expect(Math.max(...logs.map(Math.abs))).toBeCloseTo(Math.log(bound), 12);
    expect(logs.filter((log) => Math.abs(log) < Math.log(bound) - 1e-9).length).toBeGreaterThan(3);
  });

  it('accumulates the directions of updates in a trace that decays', () => {
    for (const { before, outputs, after } of trail) {
      const rate = outputs.learningRate[0];
      const expected = before['meta.learningRate.trace'].map(
        (z, k) => 0.6 * z + (after.parameters[k] - before.parameters[k]) / rate,
      );
      expect(relativeError(after['meta.learningRate.trace'], expected)).toBeLessThan(1e-9);
    }
  });

  describe.each([
    ['CPU', false, () => openDevice('cpu')],
    [`WebGPU${skipNote}`, noSwiftShader, () => createWebGpuDevice({ software: true })],
  ])('on %s', (_, skip, open) => {
    let device: Device;
    beforeAll(async () => {
      if (!skip) device = await open();
    });
    afterAll(() => device?.dispose());

    it.skipIf(skip)('is the same to float32', async () => {
      const executable = await device.compile(program);
      for (const [name, values] of Object.entries(start)) await executable.setState(name, values);
      for (const [i, batch] of batches.entries()) {
        const outputs = await executable.run({ ...batch, ...stepScalars(i + 1, RATE, options) });
        for (const name of ['loss', 'learningRate', 'weight.squares', 'weight.quartics'])
          expect(relativeError(outputs[name], trail[i].outputs[name]), `${name} ${i}`).toBeLessThan(2e-3);
      }
      for (const { name } of program.state)
        expect(relativeError(await executable.getState(name), trail.at(-1)!.after[name]), name).toBeLessThan(
          5e-3,
        );
      await executable.dispose();
    });
  });
});

it('left out, no node of it is in the program: forward, gradients, clipping, AdamW, average', () => {
  const { forward } = training(ADAM_DEFAULTS);
  const { trace, tensors } = Trace.from(forward);
  const outputs = Object.fromEntries(forward.outputs.map(({ name, id }) => [name, tensors[id]]));
  const parameters = trace.inputNamed('parameters');
  const [gradient] = gradients(outputs.loss, [parameters]);
  const state = (name: string) => trace.input(name, parameters.shape);
  const scalar = (name: string) => trace.input(name, []);
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = ADAM_DEFAULTS;
  const gradientNorm = sqrt(add(sum(square(gradient)), 1e-20));
  const clipped = mul(gradient, min(div(clipNorm, gradientNorm), 1));
  const moment1 = add(mul(state('moment1'), beta1), mul(clipped, 1 - beta1));
  const moment2 = add(mul(state('moment2'), beta2), mul(square(clipped), 1 - beta2));
  const step = div(
    mul(moment1, scalar('moment1Correction')),
    add(sqrt(mul(moment2, scalar('moment2Correction'))), epsilon),
  );
  const decayFactors = state('decayFactors');
  const decay = mul(parameters, mul(decayFactors, weightDecay));
  const next = sub(parameters, mul(add(step, decay), scalar('learningRate')));
  const keep = scalar('averageKeep');
  const average = add(mul(state('average'), keep), mul(next, sub(1, keep)));
  const plain = trace.program(
    { ...outputs, gradientNorm },
    { parameters: next, moment1, moment2, average, decayFactors },
  );
  expect(formatProgram(trainingProgram(forward, ADAM_DEFAULTS))).toBe(formatProgram(plain));
});

/** Least squares and least fourth powers through one layer. */
function training(options: StepOptions): { program: Program; layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'layer', 3, 2);
  const trace = new Trace();
  const error = sub(
    tanh(layer(bindParameters(trace, layout), trace.input('x', ['graphs', 3]))),
    trace.input('y', ['graphs', 2]),
  );
  const parts = { squares: mean(square(error)), quartics: mean(square(square(error))) };
  const loss = add(mul(parts.squares, WEIGHTS.squares), mul(parts.quartics, WEIGHTS.quartics));
  const forward = trace.program({ loss, ...parts });
  return { program: trainingProgram(forward, options), layout, forward };
}

/** Steps in float64, with the state around each and the gradient of its loss by finite differences of nothing but the loss. */
function follow(
  program: Program,
  start: Record<string, Float32Array>,
  batches: readonly Feed[],
  options: StepOptions,
) {
  const { forward } = training(ADAM_DEFAULTS);
  let before = asDoubles(start);
  return batches.map((batch, i) => {
    const { outputs, state: after } = interpret(program, {
      ...batch,
      ...stepScalars(i + 1, RATE, options),
      ...before,
    });
    const { parameters } = before;
    const lossAt = (k: number, change: number) => {
      const moved = parameters.map((value, j) => (j === k ? value + change : value));
      return interpret(forward, { ...batch, parameters: moved }).outputs.loss[0];
    };
    const gradient = Array.from(parameters, (_, k) => (lossAt(k, 1e-5) - lossAt(k, -1e-5)) / 2e-5);
    const step = { before, gradient, outputs, after };
    before = after;
    return step;
  });
}

function asDoubles(state: Record<string, Float32Array>): State {
  return Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Float64Array.from(values)]));
}
