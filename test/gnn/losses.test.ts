import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  combineLosses,
  maxMargin,
  pairwiseLogistic,
  sampledSoftmax,
  twoMargin,
  weightedMean,
} from '../../core/gnn/index.ts';
import * as losses from '../../core/gnn/losses/index.ts';
import * as similarity from '../../core/gnn/similarity.ts';
import {
  add,
  concat,
  gradients,
  interpret,
  matmul,
  mul,
  type Program,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { lossCaseProgram } from '../support/lossCase.ts';
import { LOSS_CASES } from '../support/lossCases.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

it('every loss has a case', () => {
  expect([...new Set(LOSS_CASES.map(({ loss }) => loss))].sort()).toEqual(
    Object.keys({ ...losses, ...similarity }).sort(),
  );
});

describe.each(LOSS_CASES)('$loss: $name', (lossCase) => {
  it.each([
    { rows: 7, others: 4 },
    { rows: 1, others: 1 },
    { rows: 0, others: 3 },
  ])('follows its formula (%o)', (sizes) => {
    const { program, inputs, expected } = lossCaseProgram(lossCase, sizes);
    const { values } = interpret(program, inputs).outputs;
    expect(relativeError(values, expected)).toBeLessThan(1e-9);
  });

  it('has the gradient of finite differences', () => {
    const { program, inputs, differentiable } = lossCaseProgram(lossCase, { rows: 6, others: 4 });
    const { outputs } = interpret(program, inputs);
    for (const name of differentiable)
      expect(
        relativeError(outputs[`d ${name}`], centralDifferences(program, inputs, name)),
        name,
      ).toBeLessThanOrEqual(1e-6);
  });
});

/** Logits far beyond where exp overflows float32, and exactly 0, as a head that starts at zero gives them. */
const LOGITS = [-1e4, -200, -90, -20, 0, 20, 90, 200, 1e4];

const EDGE_CASES: [string, { program: Program; feed: Feed }][] = [
  ...[0, 1].map((label): [string, { program: Program; feed: Feed }] => [
    `binary cross-entropy of huge logits, label ${label}`,
    edgeCase({ logits: LOGITS, labels: LOGITS.map(() => label) }, ({ logits, labels }) =>
      binaryCrossEntropy(logits, labels),
    ),
  ]),
  [
    'pairwise logistic loss of huge scores',
    edgeCase({ positive: LOGITS, negative: LOGITS.toReversed() }, ({ positive, negative }) =>
      pairwiseLogistic(positive, negative),
    ),
  ],
  [
    'categorical cross-entropy of huge logits',
    edgeCase(
      { first: LOGITS, second: LOGITS.toReversed(), labels: Int32Array.from(LOGITS, (_, i) => i % 2) },
      (x) => categoricalCrossEntropy(concat([x.first, x.second]), x.labels),
    ),
  ],
  [
    'sampled softmax of huge scores',
    edgeCase({ positive: LOGITS, negative: LOGITS.toReversed() }, ({ positive, negative }) => {
      const zero = mul(positive, 0);
      return sampledSoftmax({ scores: positive, logQ: zero }, { scores: negative, logQ: zero }, zero);
    }),
  ],
  [
    'sampled softmax whose every negative is a hit',
    edgeCase({ positive: LOGITS, negative: LOGITS }, ({ positive, negative }) => {
      const zero = mul(positive, 0);
      return sampledSoftmax(
        { scores: positive, logQ: zero },
        { scores: concat([negative, negative]), logQ: zero },
        add(zero, 1),
      );
    }),
  ],
  [
    'a weighted mean whose weights are all 0',
    edgeCase({ values: [3, -4], weights: [0, 0] }, ({ values, weights }) => weightedMean(values, weights)),
  ],
  ['a mean of no rows', edgeCase({ values: [], weights: [] }, (x) => weightedMean(x.values, x.weights))],
];

describe.each(EDGE_CASES)('%s', (_name, { program, feed }) => {
  it('is finite, as are its derivatives', () => {
    for (const [name, values] of Object.entries(interpret(program, feed).outputs))
      expect(values.every(Number.isFinite), name).toBe(true);
  });
});

it('binary cross-entropy pulls by σ(z) − y, also at 0', () => {
  const { program, feed } = edgeCase({ logits: LOGITS, labels: LOGITS.map((_, i) => i % 2) }, (x) =>
    binaryCrossEntropy(x.logits, x.labels),
  );
  const derivative = interpret(program, feed).outputs['d logits'];
  for (const [i, z] of LOGITS.entries())
    expect(derivative[i]).toBeCloseTo(1 / (1 + Math.exp(-z)) - (i % 2), 12);
});

it('what has no weight, or no row, costs nothing and pulls at nothing', () => {
  for (const [name, { program, feed }] of EDGE_CASES.slice(-2)) {
    const { outputs } = interpret(program, feed);
    expect(outputs.values[0], name).toBe(0);
    expect(
      outputs['d values'].every((value) => value === 0),
      name,
    ).toBe(true);
  }
});

it('a sampled softmax whose every negative is a hit is 0, and pulls at nothing', () => {
  const [, { program, feed }] = EDGE_CASES.find(([name]) => name.endsWith('is a hit'))!;
  const { outputs } = interpret(program, feed);
  for (const name of ['values', 'd positive', 'd negative'])
    expect(
      outputs[name].every((value) => value === 0),
      name,
    ).toBe(true);
});

it('a margin loss without negatives is 0', () => {
  const trace = new Trace();
  const positive = trace.input('positive', ['rows', 1]);
  const negatives = trace.input('negatives', ['others', 1]);
  const scores = trace.constant([1], [1, 1]);
  const shared = maxMargin(positive, matmul(scores, negatives, { transposeB: true }), 0.5);
  const { outputs } = interpret(trace.program({ shared }), {
    positive: Float64Array.of(1, 2),
    negatives: new Float64Array(0),
  });
  expect([...outputs.shared]).toEqual([0, 0]);
});

it('two margins refuse low-rank positives that stand below negatives', () => {
  const trace = new Trace();
  const score = trace.input('score', ['rows', 1]);
  const scores = { positive: score, negatives: score, lowRank: score };
  const weights = { negativeWeight: 1, lowRankWeight: 1 };
  expect(() => twoMargin(scores, { ...weights, negativeMargin: 0.1, lowRankMargin: 0.1 })).toThrow(
    'must be smaller',
  );
});

it('a combination tells its parts, unweighted', () => {
  const trace = new Trace();
  const [near, far] = ['near', 'far'].map((name) => trace.input(name, []));
  const combined = combineLosses({ near, far }, { near: 3, far: 0 });
  expect(Object.keys(combined).sort()).toEqual(['far', 'loss', 'near']);
  const { outputs } = interpret(trace.program(combined), {
    near: Float64Array.of(2),
    far: Float64Array.of(5),
  });
  expect([outputs.near[0], outputs.far[0], outputs.loss[0]]).toEqual([2, 5, 6]);
});

const DEVICES: [string, boolean, () => Promise<Device>][] = [
  ['CPU', false, () => createCpuDevice({ threads: 2 })],
  [`WebGPU${skipNote}`, noSwiftShader, () => createWebGpuDevice({ software: true })],
];

describe.each(DEVICES)('on %s', (_name, skip, openDevice) => {
  let device: Device;
  beforeAll(async () => {
    if (!skip) device = await openDevice();
  });
  afterAll(() => device?.dispose());

  const expectReference = async (program: Program, feeds: readonly Feed[]) => {
    const executable = await device.compile(program);
    for (const feed of feeds) {
      const outputs = await executable.run(feed);
      for (const [name, values] of Object.entries(interpret(program, feed).outputs))
        expect(relativeError(outputs[name], values), name).toBeLessThanOrEqual(1e-4);
    }
    await executable.dispose();
  };

  it.skipIf(skip).each(LOSS_CASES)('$loss: $name is the reference', async (lossCase) => {
    const sizes = [
      { rows: 33, others: 5 },
      { rows: 1, others: 1 },
      { rows: 0, others: 2 },
    ];
    const feeds = sizes.map((size) => singlePrecision(lossCaseProgram(lossCase, size).inputs));
    await expectReference(lossCaseProgram(lossCase, sizes[0]).program, feeds);
  });

  it.skipIf(skip).each(EDGE_CASES)('%s is the reference', (_case, { program, feed }) =>
    expectReference(program, [feed]),
  );
});

/** A loss of columns [rows, 1] at chosen values, and of lists of whole numbers: `values`, and the derivatives of their sum. */
function edgeCase(
  columns: Record<string, number[] | Int32Array>,
  build: (x: Record<string, Tensor>) => Tensor,
): { program: Program; feed: Feed } {
  const trace = new Trace();
  const inputs = Object.entries(columns).map(([name, values]): [string, Tensor] => [
    name,
    values instanceof Int32Array ? trace.input(name, ['rows'], 'i32') : trace.input(name, ['rows', 1]),
  ]);
  const values = build(Object.fromEntries(inputs));
  const differentiable = inputs.filter(([, { dtype }]) => dtype === 'f32');
  const derivatives = gradients(
    sum(values),
    differentiable.map(([, tensor]) => tensor),
  );
  return {
    program: trace.program({
      values,
      ...Object.fromEntries(differentiable.map(([name], i) => [`d ${name}`, derivatives[i]])),
    }),
    feed: Object.fromEntries(
      Object.entries(columns).map(([name, list]) => [
        name,
        list instanceof Int32Array ? list : Float32Array.from(list),
      ]),
    ),
  };
}

function singlePrecision(inputs: Record<string, Float64Array | Int32Array>): Feed {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [
      name,
      values instanceof Int32Array ? values : Float32Array.from(values),
    ]),
  );
}
