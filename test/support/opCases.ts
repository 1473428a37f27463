import type { Random } from '../../core/base/index.ts';
import * as o from '../../core/tensor/ops.ts';
import {
  BINARY,
  type BinaryName,
  concreteShape,
  type DType,
  type OpKind,
  type Shape,
  UNARY,
  type UnaryName,
} from '../../core/tensor/program.ts';
import { type Tensor, Trace } from '../../core/tensor/trace.ts';

/** The functions of `ops`, to be taken by name. */
export const functions = { ...o };

/** One use of one operation, small enough to be differentiated numerically. */
export interface OpCase {
  name: string;
  kind: OpKind;
  fn?: UnaryName | BinaryName;
  inputs: Readonly<Record<string, InputSpec>>;
  build(inputs: Record<string, Tensor>, trace: Trace): Tensor;
}

interface InputSpec {
  shape: Shape;
  dtype: DType;
  value(random: Random, sizes: ReadonlyMap<string, number>): number;
}

/** Away from 0, where many functions have a kink. */
const signed = (...shape: Shape): InputSpec => ({
  shape,
  dtype: 'f32',
  value: (random) => (random.uniform() < 0.5 ? -1 : 1) * (0.2 + 1.3 * random.uniform()),
});

const positive = (...shape: Shape): InputSpec => ({
  shape,
  dtype: 'f32',
  value: (random) => 0.4 + random.uniform(),
});

/** On a grid of halves, moved by `shift`, so that two tensors with different shifts never tie. */
const gridded = (shift: number, ...shape: Shape): InputSpec => ({
  shape,
  dtype: 'f32',
  value: (random) => shift + (1 + random.int(5)) / 2,
});

const indexInto = (rows: string | number, length: string | number): InputSpec => ({
  shape: [length],
  dtype: 'i32',
  value: (random, sizes) => random.int(Math.max(1, typeof rows === 'number' ? rows : sizes.get(rows)!)),
});

const seed: InputSpec = { shape: [], dtype: 'i32', value: (random) => random.int(0x7fffffff) };

const NEEDS_POSITIVE: ReadonlySet<UnaryName> = new Set(['sqrt', 'log']);

const unaryCases: OpCase[] = UNARY.map((fn) => ({
  name: fn,
  kind: 'unary',
  fn,
  inputs: { x: NEEDS_POSITIVE.has(fn) ? positive('nodes', 3) : signed('nodes', 3) },
  build: ({ x }) => functions[fn](x),
}));

const binaryCases: OpCase[] = BINARY.flatMap((fn) => {
  const shapes: [string, Shape, Shape][] = [
    ['of equal shapes', ['nodes', 3], ['nodes', 3]],
    ['with a row', ['nodes', 3], [3]],
    ['with a column', ['nodes', 1], ['nodes', 3]],
    ['of a row and a column', [1, 4], ['nodes', 1]],
    ['with a scalar', [], ['nodes', 3]],
    ['of three axes', ['nodes', 2, 3], ['nodes', 1, 3]],
    ['of heads and their scores', ['nodes', 2, 1], ['nodes', 2, 3]],
    ['of all heads with all columns', ['nodes', 1, 3], ['nodes', 2, 1]],
  ];
  return shapes.map(
    ([where, a, b]): OpCase => ({
      name: `${fn} ${where}`,
      kind: 'binary',
      fn,
      inputs: { a: gridded(0.1, ...a), b: gridded(0.35, ...b) },
      build: (x) => functions[fn](x.a, x.b),
    }),
  );
});

const matmulCases: OpCase[] = [false, true].flatMap((transposeA) =>
  [false, true].map(
    (transposeB): OpCase => ({
      name: `matmul${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`,
      kind: 'matmul',
      inputs: {
        a: transposeA ? signed('nodes', 3) : signed('nodes', 4),
        b: transposeA
          ? transposeB
            ? signed(2, 'nodes')
            : signed('nodes', 2)
          : transposeB
            ? signed(2, 4)
            : signed(4, 2),
      },
      build: ({ a, b }) => o.matmul(a, b, { transposeA, transposeB }),
    }),
  ),
);

const sumCases: OpCase[] = [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]].flatMap((axes) =>
  [false, true].map(
    (keepDims): OpCase => ({
      name: `sum over ${axes}${keepDims ? ', kept' : ''}`,
      kind: 'sum',
      inputs: { x: signed('nodes', 2, 3) },
      build: ({ x }) => o.sum(x, axes, keepDims),
    }),
  ),
);

const maxCases: OpCase[] = [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]].map((axes) => ({
  name: `largest over ${axes}`,
  kind: 'maxOver',
  inputs: { x: signed('nodes', 2, 3) },
  build: ({ x }) => o.maxOver(x, axes, axes.length === 1),
}));

const segmentCases: OpCase[] = (['segmentSum', 'segmentMax'] as const).flatMap((kind): OpCase[] => [
  {
    name: `${kind} of rows`,
    kind,
    inputs: { x: signed('edges', 3), index: indexInto('nodes', 'edges'), nodes: signed('nodes') },
    build: ({ x, index }) => functions[kind](x, index, 'nodes'),
  },
  {
    name: `${kind} of gathered rows`,
    kind,
    inputs: {
      x: signed('nodes', 3),
      from: indexInto('nodes', 'edges'),
      index: indexInto('nodes', 'edges'),
    },
    build: ({ x, from, index }) => functions[kind](o.gather(x, from), index, 'nodes'),
  },
  {
    name: `${kind} of scalars`,
    kind,
    inputs: { x: signed('edges'), index: indexInto('nodes', 'edges'), nodes: signed('nodes') },
    build: ({ x, index }) => functions[kind](x, index, 'nodes'),
  },
  {
    name: `${kind} of matrices into a table`,
    kind,
    inputs: { x: signed('edges', 2, 2), index: indexInto(3, 'edges') },
    build: ({ x, index }) => functions[kind](x, index, 3),
  },
]);

/** Each row against each other, as losses within a batch have them: two symbolic axes. */
const pairCases: OpCase[] = [
  {
    name: 'matmul of all pairs, and back',
    kind: 'matmul',
    inputs: { a: signed('nodes', 3), b: signed('edges', 3) },
    build: ({ a, b }) => o.matmul(o.tanh(o.matmul(a, b, { transposeB: true })), b),
  },
  {
    name: 'largest of all pairs, by row and by column',
    kind: 'maxOver',
    inputs: { a: signed('nodes', 3), b: signed('edges', 3) },
    build: ({ a, b }) => {
      const scores = o.matmul(a, b, { transposeB: true });
      return o.matmul(o.sub(o.maxOver(scores, [1], true), o.maxOver(scores, [0])), b);
    },
  },
  {
    name: 'softmax over all pairs',
    kind: 'sum',
    inputs: { a: signed('nodes', 3), b: signed('nodes', 3) },
    build: ({ a, b }) => {
      const scores = o.matmul(a, b, { transposeB: true });
      const weights = o.exp(o.sub(scores, o.stopGradient(o.maxOver(scores, [1], true))));
      return o.matmul(o.div(weights, o.sum(weights, [1], true)), b);
    },
  },
  {
    name: 'reshape of a column to a row',
    kind: 'reshape',
    inputs: { x: signed('nodes', 1), y: signed('nodes', 1) },
    build: ({ x, y }) => o.sum(o.sin(o.mul(o.reshape(x, [1, 'nodes']), y)), [1]),
  },
];

const randomCases: OpCase[] = [
  {
    name: 'random factors of two streams',
    kind: 'random',
    inputs: { x: signed('nodes', 3), seed },
    build: ({ x, seed: at }) =>
      o.mul(x, o.sub(o.random(at, 0, ['nodes', 3]), o.random(at, 4_000_000_000, ['nodes', 1]))),
  },
  {
    name: 'random numbers by themselves',
    kind: 'random',
    inputs: { x: signed(), seed },
    build: ({ x, seed: at }) => o.mul(o.matmul(o.random(at, 1, [5, 2]), o.random(at, 1, [2, 4])), x),
  },
];

const otherCases: OpCase[] = [
  {
    name: 'input as it is',
    kind: 'input',
    inputs: { x: signed('nodes', 3) },
    build: ({ x }) => x,
  },
  {
    name: 'constant matrix',
    kind: 'constant',
    inputs: { x: signed('nodes', 2) },
    build: ({ x }, trace) => o.matmul(x, trace.constant([1, -2, 3, 4, 5, 0.5], [2, 3])),
  },
  {
    name: 'size of a symbol',
    kind: 'size',
    inputs: { x: signed('nodes', 2) },
    build: ({ x }, trace) => o.mul(x, trace.size('nodes')),
  },
  {
    name: 'mean over a symbolic axis',
    kind: 'size',
    inputs: { x: signed('nodes', 2) },
    build: ({ x }) => o.mean(x, [0]),
  },
  {
    name: 'column sum',
    kind: 'sum',
    inputs: { x: signed('nodes', 4) },
    build: ({ x }) => o.sum(x, [0]),
  },
  {
    name: 'column sum, kept',
    kind: 'sum',
    inputs: { x: signed('nodes', 4) },
    build: ({ x }) => o.sum(x, [0], true),
  },
  {
    name: 'views side by side, with a gap',
    kind: 'view',
    inputs: { x: signed('nodes', 2), flat: signed(14) },
    build: ({ x, flat }) => o.add(o.matmul(x, o.view(flat, 1, [2, 3])), o.view(flat, 9, [3])),
  },
  {
    name: 'views that overlap',
    kind: 'view',
    inputs: { x: signed('nodes', 2), flat: signed(14) },
    build: ({ x, flat }) => o.add(o.matmul(x, o.view(flat, 1, [2, 3])), o.view(flat, 4, [3])),
  },
  {
    name: 'view of the whole, with two shapes',
    kind: 'view',
    inputs: { flat: signed(6) },
    build: ({ flat }) => o.matmul(o.view(flat, 0, [2, 3]), o.view(flat, 0, [3, 2])),
  },
  {
    name: 'pack with gaps',
    kind: 'pack',
    inputs: { a: signed(2, 2), b: signed(3), c: signed() },
    build: ({ a, b, c }) => o.pack([a, b, c], [1, 5, 10], 12),
  },
  {
    name: 'pack of all',
    kind: 'pack',
    inputs: { a: signed(2, 2), b: signed(3) },
    build: ({ a, b }) => o.pack([a, b], [0, 4], 7),
  },
  {
    name: 'expand a row',
    kind: 'expand',
    inputs: { row: signed(3), like: signed('nodes', 3) },
    build: ({ row, like }) => o.expand(row, like),
  },
  {
    name: 'expand a column',
    kind: 'expand',
    inputs: { column: signed('nodes', 1), like: signed('nodes', 3) },
    build: ({ column, like }) => o.expand(column, like),
  },
  {
    name: 'expand a scalar',
    kind: 'expand',
    inputs: { scalar: signed(), like: signed('nodes', 2, 2) },
    build: ({ scalar, like }) => o.expand(scalar, like),
  },
  {
    name: 'expand inside a product',
    kind: 'expand',
    inputs: { column: signed('nodes', 1), like: signed('nodes', 3) },
    build: ({ column, like }) => o.mul(o.expand(column, like), like),
  },
  {
    name: 'expand on both sides of a product',
    kind: 'expand',
    inputs: { a: signed(), b: signed(), like: signed('nodes', 3) },
    build: ({ a, b, like }) => o.mul(o.expand(a, like), o.expand(b, like)),
  },
  {
    name: 'gather rows',
    kind: 'gather',
    inputs: { x: signed('nodes', 3), index: indexInto('nodes', 'edges') },
    build: ({ x, index }) => o.gather(x, index),
  },
  {
    name: 'gather scalars',
    kind: 'gather',
    inputs: { x: signed('nodes'), index: indexInto('nodes', 'edges') },
    build: ({ x, index }) => o.gather(x, index),
  },
  {
    name: 'gather from a table',
    kind: 'gather',
    inputs: { table: signed(4, 2, 2), index: indexInto(4, 'nodes') },
    build: ({ table, index }) => o.gather(table, index),
  },
  {
    name: 'concat of columns',
    kind: 'concat',
    inputs: { a: signed('nodes', 2), b: signed('nodes', 1), c: signed('nodes', 3) },
    build: ({ a, b, c }) => o.concat([a, b, c]),
  },
  {
    name: 'concat of rows',
    kind: 'concat',
    inputs: { a: signed(2, 3), b: signed(1, 3) },
    build: ({ a, b }) => o.concat([a, b], 0),
  },
  {
    name: 'slice of columns',
    kind: 'slice',
    inputs: { x: signed('nodes', 5) },
    build: ({ x }) => o.slice(x, 1, 4),
  },
  {
    name: 'slice of rows',
    kind: 'slice',
    inputs: { x: signed(5, 2) },
    build: ({ x }) => o.slice(x, 2, 5, 0),
  },
  {
    name: 'slice of the middle axis',
    kind: 'slice',
    inputs: { x: signed('nodes', 3, 2) },
    build: ({ x }) => o.slice(x, 1, 2, 1),
  },
  {
    name: 'pad columns',
    kind: 'pad',
    inputs: { x: signed('nodes', 2) },
    build: ({ x }) => o.pad(x, 1, 2, 1),
  },
  {
    name: 'pad rows',
    kind: 'pad',
    inputs: { x: signed(2, 3) },
    build: ({ x }) => o.pad(x, 2, 0, 0),
  },
  {
    name: 'reshape rows to matrices',
    kind: 'reshape',
    inputs: { x: signed('nodes', 6), weights: signed('nodes', 2, 1) },
    build: ({ x, weights }) => o.mul(o.reshape(x, ['nodes', 2, 3]), weights),
  },
  {
    name: 'reshape to a list',
    kind: 'reshape',
    inputs: { x: signed('nodes', 1) },
    build: ({ x }) => o.reshape(x, ['nodes']),
  },
  {
    name: 'reshape of a static matrix',
    kind: 'reshape',
    inputs: { x: signed(4, 3) },
    build: ({ x }) => o.reshape(x, [2, 6]),
  },
];

/**
 * Every operation and function, and every way of using it that a device treats in its own manner. The gradient
 * of stopGradient is 0 by definition, which no finite difference shows: it is tested by itself.
 */
export const OP_CASES: readonly OpCase[] = [
  ...unaryCases,
  ...binaryCases,
  ...matmulCases,
  ...sumCases,
  ...maxCases,
  ...segmentCases,
  ...pairCases,
  ...randomCases,
  ...otherCases,
];

export type CaseInputs = Record<string, Float64Array | Int32Array>;

export function caseInputs(
  { inputs }: OpCase,
  sizes: ReadonlyMap<string, number>,
  random: Random,
): CaseInputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, spec]) => {
      const length = concreteShape(spec.shape, sizes).reduce((a, b) => a * b, 1);
      const values = Array.from({ length }, () => spec.value(random, sizes));
      return [name, spec.dtype === 'i32' ? Int32Array.from(values) : Float64Array.from(values)];
    }),
  );
}

/** Opens a trace with the inputs of a case. */
export function traceCase(opCase: OpCase): {
  trace: Trace;
  inputs: Record<string, Tensor>;
  result: Tensor;
} {
  const trace = new Trace();
  const inputs = Object.fromEntries(
    Object.entries(opCase.inputs).map(([name, { shape, dtype }]) => [name, trace.input(name, shape, dtype)]),
  );
  return { trace, inputs, result: opCase.build(inputs, trace) };
}
