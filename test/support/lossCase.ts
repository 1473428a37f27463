import { Random } from '../../core/base/index.ts';
import type * as losses from '../../core/gnn/losses/index.ts';
import type * as similarity from '../../core/gnn/similarity.ts';
import {
  concreteShape,
  type DType,
  gradients,
  mul,
  type Program,
  type Shape,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';

/** Rows of an input: [n, d] as n lists of d values, a list [n] as n lists of one, a scalar as one list of one. */
export type Rows = number[][];

/** One use of one loss, beside its formula as a book would print it. */
export interface LossCase {
  /** The exported function that it tests: a loss, or a similarity that losses are made of. */
  loss: keyof typeof losses | keyof typeof similarity;
  name: string;
  inputs: Readonly<Record<string, Spec>>;
  build(x: Record<string, Tensor>): Tensor;
  /** The same values, row-major, in plain float64. */
  formula(x: Record<string, Rows>): number[];
}

interface Spec {
  shape: Shape;
  dtype: DType;
  /** A name or a kind, of which no one asks the derivative. */
  fixed?: true;
  value(random: Random): number;
}

const drawn =
  (value: Spec['value']) =>
  (...shape: Shape): Spec => ({ shape, dtype: 'f32', value });
export const normal = drawn((random) => random.normal());
export const positive = drawn((random) => 0.1 + random.uniform());
export const share = drawn((random) => random.uniform());
export const bit = drawn((random) => random.int(2));
export const whole = (below: number, dtype: DType, ...shape: Shape): Spec => ({
  shape,
  dtype,
  fixed: true,
  value: (random) => random.int(below),
});

export const sigma = (z: number) => 1 / (1 + Math.exp(-z));
export const inner = (a: number[], b: number[]) => a.reduce((total, value, i) => total + value * b[i], 0);
export const norm = (a: number[]) => Math.sqrt(inner(a, a));
export const average = (values: number[]) =>
  values.reduce((total, value) => total + value, 0) / values.length;
export const hinge = (x: number) => Math.max(0, x);

/** The values of a loss, `loss` = Σ r · value with random r, and the derivatives of that, for given numbers of rows. */
export function lossCaseProgram(
  { inputs: specs, build, formula }: LossCase,
  sizes: { rows: number; others: number },
): {
  program: Program;
  inputs: Record<string, Float64Array | Int32Array>;
  expected: number[];
  differentiable: string[];
} {
  const random = new Random(31);
  const trace = new Trace();
  const bound = new Map(Object.entries(sizes));
  const inputs: Record<string, Float64Array | Int32Array> = {};
  const tensors: Record<string, Tensor> = {};
  const rows: Record<string, Rows> = {};
  for (const [name, { shape, dtype, value }] of Object.entries(specs)) {
    const dims = concreteShape(shape, bound);
    const length = dims.reduce((a, b) => a * b, 1);
    const values = Array.from({ length }, () => value(random));
    inputs[name] = dtype === 'i32' ? Int32Array.from(values) : Float64Array.from(values);
    tensors[name] = trace.input(name, shape, dtype);
    const [count = 1, ...rest] = dims;
    const width = rest.reduce((a, b) => a * b, 1);
    rows[name] = Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
  }

  const values = build(tensors);
  const expected = formula(rows);
  // A weight for each value, so that no derivative can stand for another.
  inputs.r = Float64Array.from(expected, () => random.normal());
  const loss = sum(mul(values, trace.input('r', values.shape)));
  const differentiable = Object.keys(specs).filter((name) => !specs[name].fixed);
  const derivatives = gradients(
    loss,
    differentiable.map((name) => tensors[name]),
  );
  const program = trace.program({
    values,
    loss,
    ...Object.fromEntries(differentiable.map((name, i) => [`d ${name}`, derivatives[i]])),
  });
  return { program, inputs, expected, differentiable };
}
