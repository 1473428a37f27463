import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../../core/device/index.ts';
import { createWebGpuDevice } from '../../../core/device/webgpu/index.ts';
import { gradients, interpret, Trace } from '../../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  type AdamOptions,
  EmbeddingTable,
  initialTrainingState,
  stepScalars,
  TableExecutable,
  type TableOptions,
  tableInputs,
  trainingProgram,
} from '../../../core/train/index.ts';
import { densePairModel, ITEMS, pairBatches, pairModel, USERS, WIDTH } from '../../support/pairModel.ts';
import { relativeError } from '../../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../../support/swiftShader.ts';

const SIZES = { users: 11, items: 7 };
const STEPS = 25;
const ADAM: AdamOptions = {
  ...ADAM_DEFAULTS,
  weightDecay: 0.2,
  clipNorm: 1.2,
  averageDecay: 0.7,
};
const rate = (step: number) => 0.1 / Math.sqrt(step);
const START = { seed: 5, spread: 0.8 };
const { layout, forward } = pairModel();
const program = trainingProgram(forward, ADAM, tableInputs([{ shape: USERS }, { shape: ITEMS }]));
const dense = densePairModel(SIZES.users, SIZES.items);
const PARAMETERS = layout.size;

describe.each([
  ['the CPU device', () => openDevice('cpu'), false],
  [`WebGPU${skipNote}`, () => createWebGpuDevice({ software: true }), noSwiftShader],
] as const)('tables on %s', (_device, open, isSkipped) => {
  let device: Device;
  beforeAll(async () => {
    if (!isSkipped) device = await open();
  });
  afterAll(() => device?.dispose());

  it.skipIf(isSkipped)('touched at every step are trained as any other parameter', async () => {
    const batches = pairBatches(2, STEPS, { ...SIZES, pairs: 23, everyRow: true });
    const { users, items, state, norms } = await train(device, batches, { average: true });

    // The whole of it as one program of one flat tensor, in float64.
    const whole = trainingProgram(dense.forward, ADAM);
    let expected: Record<string, Float64Array> = Object.fromEntries(
      Object.entries(initialTrainingState(dense.layout, denseStart())).map(([name, values]) => [
        name,
        Float64Array.from(values),
      ]),
    );
    // Tables decay as matrices do.
    expected.decayFactors.fill(1, PARAMETERS);
    batches.forEach((batch, i) => {
      const step = interpret(whole, { ...batch, ...stepScalars(i + 1, rate(i + 1), ADAM), ...expected });
      expect(norms[i]).toBeCloseTo(step.outputs.gradientNorm[0], 4);
      expected = step.state;
    });
    expect(Math.max(...norms)).toBeGreaterThan(ADAM.clipNorm);
    const joined = [...state.parameters, ...allRows(users), ...allRows(items)];
    expect(relativeError(joined, expected.parameters)).toBeLessThan(2e-5);
    const averages = [...state.average, ...allRows(users, 'average'), ...allRows(items, 'average')];
    expect(relativeError(averages, expected.average)).toBeLessThan(2e-5);
  });

  it.skipIf(isSkipped).each(['value', 'row'] as const)(
    'touched now and then have moments, moves and averages as written down (second moment by %s)',
    async (secondMoment) => {
      const batches = pairBatches(3, STEPS, { ...SIZES, pairs: 3 });
      const { users, items, state } = await train(device, batches, { secondMoment, average: true });
      const plain = plainLazyTraining(batches, secondMoment === 'row');
      expect(plain.longestGap).toBeGreaterThan(5);
      const joined = [...state.parameters, ...allRows(users), ...allRows(items)];
      expect(relativeError(joined, plain.parameters)).toBeLessThan(1e-4);
      const averages = [...state.average, ...allRows(users, 'average'), ...allRows(items, 'average')];
      expect(relativeError(averages, plain.average)).toBeLessThan(1e-4);
    },
  );
});

/** A training over the batches, with both tables of the given kind. */
async function train(device: Device, batches: readonly Feed[], options: Partial<TableOptions>) {
  const users = new EmbeddingTable(USERS, { rows: SIZES.users, start: START, ...options }, ADAM);
  const items = new EmbeddingTable(ITEMS, { rows: SIZES.items, start: START, ...options }, ADAM);
  const executable = new TableExecutable(await device.compile(program), [users, items]);
  const initial = initialTrainingState(layout, layout.initialise(new Random(1)));
  for (const [name, values] of Object.entries(initial)) await executable.setState(name, values);
  const norms: number[] = [];
  for (const [i, batch] of batches.entries()) {
    const outputs = await executable.run({ ...batch, ...stepScalars(i + 1, rate(i + 1), ADAM) });
    expect(Object.keys(outputs).sort()).toEqual(['gradientNorm', 'loss']);
    norms.push(outputs.gradientNorm[0]);
  }
  const state = {
    parameters: await executable.getState('parameters'),
    average: await executable.getState('average'),
  };
  await executable.dispose();
  return { users, items, state, norms };
}

function allRows(table: EmbeddingTable, which: 'weights' | 'average' = 'weights'): Float32Array {
  return table.read(
    Int32Array.from({ length: table.rows }, (_, row) => row),
    which,
  );
}

/** The dense model's parameters where tables and layer start. */
function denseStart(): Float32Array {
  const table = (rows: number) => allRows(new EmbeddingTable(USERS, { rows, start: START }, ADAM));
  return Float32Array.of(...layout.initialise(new Random(1)), ...table(SIZES.users), ...table(SIZES.items));
}

/**
 * Lazy AdamW gone through row by row and step by step in float64, over the dense model: every row's moments and average
 * are brought on at every step, rows without a lookup stay in place.
 */
function plainLazyTraining(batches: readonly Feed[], rowWise: boolean) {
  const { trace, tensors } = Trace.from(dense.forward);
  const [byParameters] = gradients(tensors[dense.forward.outputs[0].id], [trace.inputNamed('parameters')]);
  const gradient = trace.program({ gradient: byParameters });
  const size = dense.layout.size;
  const decay = Array.from({ length: size }, (_, k) => (k < PARAMETERS ? layout.decayFactors()[k] : 1));
  const parameters = [...denseStart()];
  const average = [...parameters];
  const moment1 = parameters.map(() => 0);
  const moment2 = parameters.map(() => 0);
  const lastTouch = new Map<number, number>();
  let longestGap = 0;

  batches.forEach((batch, i) => {
    const t = i + 1;
    const raw = interpret(gradient, { ...batch, parameters: Float64Array.from(parameters) }).outputs.gradient;
    const norm = Math.hypot(...raw);
    const g = Array.from(raw, (value) => value * Math.min(1, ADAM.clipNorm / norm));
    const touched = new Set<number>();
    for (const row of batch.user) touched.add(row);
    for (const row of [...batch.liked, ...batch.other]) touched.add(SIZES.users + row);
    for (const row of touched) {
      longestGap = Math.max(longestGap, t - (lastTouch.get(row) ?? t));
      lastTouch.set(row, t);
    }
    const keep = Math.min(ADAM.averageDecay, (1 + t) / (10 + t));
    for (let k = 0; k < size; k++) {
      const row = Math.floor((k - PARAMETERS) / WIDTH);
      const first = PARAMETERS + row * WIDTH;
      const square =
        rowWise && row >= 0
          ? g.slice(first, first + WIDTH).reduce((total, value) => total + value ** 2, 0) / WIDTH
          : g[k] ** 2;
      moment1[k] = ADAM.beta1 * moment1[k] + (1 - ADAM.beta1) * g[k];
      moment2[k] = ADAM.beta2 * moment2[k] + (1 - ADAM.beta2) * square;
      if (row < 0 || touched.has(row)) {
        const mHat = moment1[k] / (1 - ADAM.beta1 ** t);
        const vHat = moment2[k] / (1 - ADAM.beta2 ** t);
        const move = mHat / (Math.sqrt(vHat) + ADAM.epsilon) + ADAM.weightDecay * decay[k] * parameters[k];
        parameters[k] -= rate(t) * move;
      }
      average[k] = keep * average[k] + (1 - keep) * parameters[k];
    }
  });
  return { parameters, average, longestGap };
}
