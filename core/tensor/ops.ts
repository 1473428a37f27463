import { EtalonError } from '../base/index.ts';
import type { BinaryName, Dim, Shape, UnaryName } from './program.ts';
import type { Tensor, Trace } from './trace.ts';

/** A tensor, or a number that stands for a constant of any shape. */
export type Operand = Tensor | number;

function unary(fn: UnaryName) {
  const apply = (x: Tensor): Tensor => {
    const repeated = repetition(x);
    return repeated ? expand(apply(repeated.x), repeated.like) : x.trace.apply({ kind: 'unary', fn }, [x]);
  };
  return apply;
}

function binary(fn: BinaryName) {
  const apply = (a: Operand, b: Operand): Tensor => {
    const trace = traceOf(a, b);
    const [left, right] = [lift(trace, a), lift(trace, b)];
    return beforeRepetition(apply, left, right) ?? trace.apply({ kind: 'binary', fn }, [left, right]);
  };
  return apply;
}

/** What an expansion repeats, and the tensor to whose shape. */
function repetition({ node, trace }: Tensor): { x: Tensor; like: Tensor } | undefined {
  if (node.op.kind !== 'expand') return undefined;
  const [x, like] = node.inputs.map((id) => trace.tensor(id));
  return { x, like };
}

/**
 * A function of a repeated value and a scalar, or of two values that are repeated alike, is computed before it is repeated:
 * gradients of sums and means are such, and they would be computed for every element.
 */
function beforeRepetition(apply: (a: Tensor, b: Tensor) => Tensor, a: Tensor, b: Tensor): Tensor | undefined {
  const [left, right] = [repetition(a), repetition(b)];
  if (left && b.shape.length === 0) return expand(apply(left.x, b), left.like);
  if (right && a.shape.length === 0) return expand(apply(a, right.x), right.like);
  if (!left || !right || left.like.id !== right.like.id) return undefined;
  return expand(apply(left.x, right.x), left.like);
}

function traceOf(...operands: Operand[]): Trace {
  for (const operand of operands) if (typeof operand !== 'number') return operand.trace;
  throw new EtalonError('internal', 'internal: an operation needs at least one tensor');
}

function lift(trace: Trace, operand: Operand): Tensor {
  return typeof operand === 'number' ? trace.constant(operand) : operand;
}

export const neg = unary('neg');
export const reciprocal = unary('reciprocal');
export const square = unary('square');
export const sqrt = unary('sqrt');
export const exp = unary('exp');
export const log = unary('log');
export const abs = unary('abs');
export const sign = unary('sign');
export const step = unary('step');
export const relu = unary('relu');
export const tanh = unary('tanh');
export const sigmoid = unary('sigmoid');
export const softplus = unary('softplus');
export const sin = unary('sin');
export const cos = unary('cos');

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const max = binary('max');
export const min = binary('min');

export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return a.trace.apply({ kind: 'matmul', transposeA, transposeB }, [a, b]);
}

/** Sum over the given axes, or over all. */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const all = axes ?? x.shape.map((_, axis) => axis);
  return all.length === 0 ? x : x.trace.apply({ kind: 'sum', axes: all, keepDims }, [x]);
}

/** The largest value over the given axes, or over all; 0 over nothing. Equal largest values share the gradient. */
export function maxOver(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const all = axes ?? x.shape.map((_, axis) => axis);
  return all.length === 0 ? x : x.trace.apply({ kind: 'maxOver', axes: all, keepDims }, [x]);
}

/** Mean over the given axes, or over all; symbolic axes count at run time. The mean of nothing is 0. */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const all = axes ?? x.shape.map((_, axis) => axis);
  const total = sum(x, all, keepDims);
  return all.reduce((result, axis) => {
    const dim = x.shape[axis];
    return typeof dim === 'number' ? mul(result, 1 / dim) : div(result, max(x.trace.size(dim), 1));
  }, total);
}

/** x repeated to the shape of `like`, which may hold indices. */
export function expand(x: Tensor, like: Tensor): Tensor {
  return String(x.shape) === String(like.shape) ? x : x.trace.apply({ kind: 'expand' }, [x, like]);
}

/** x[index]: [n, …], [m] → [m, …]. */
export function gather(x: Tensor, index: Tensor): Tensor {
  return x.trace.apply({ kind: 'gather' }, [x, index]);
}

/** Sums rows with the same index: [m, …], [m] → [segments, …]. Order of addition is fixed: results repeat. */
export function segmentSum(x: Tensor, index: Tensor, segments: Dim): Tensor {
  return x.trace.apply({ kind: 'segmentSum' }, [x, index], [segments]);
}

/**
 * The largest of the rows with the same index, column by column: [m, …], [m] → [segments, …]; 0 where a segment
 * has no row. Equal largest values share the gradient, so that an edge that is there twice counts once.
 */
export function segmentMax(x: Tensor, index: Tensor, segments: Dim): Tensor {
  return x.trace.apply({ kind: 'segmentMax' }, [x, index], [segments]);
}

/**
 * Numbers uniform in [0, 1) of the given shape: the same bits on every device for the same `seed` (an int32 scalar
 * input) and `stream` (a whole number, one for each use in a program).
 */
export function random(seed: Tensor, stream: number, shape: Shape): Tensor {
  return seed.trace.apply({ kind: 'random', stream }, [seed], shape);
}

export function concat(parts: readonly Tensor[], axis = 1): Tensor {
  return parts.length === 1 ? parts[0] : parts[0].trace.apply({ kind: 'concat', axis }, parts);
}

export function slice(x: Tensor, start: number, end: number, axis = x.shape.length - 1): Tensor {
  if (start === 0 && end === x.shape[axis]) return x;
  return x.trace.apply({ kind: 'slice', axis, start, end }, [x]);
}

export function pad(x: Tensor, before: number, after: number, axis: number): Tensor {
  return before === 0 && after === 0 ? x : x.trace.apply({ kind: 'pad', axis, before, after }, [x]);
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  return String(x.shape) === String(shape) ? x : x.trace.apply({ kind: 'reshape' }, [x], shape);
}

/** A static shape at an offset of a flat tensor. */
export function view(flat: Tensor, offset: number, shape: readonly number[]): Tensor {
  return flat.trace.apply({ kind: 'view', offset }, [flat], shape);
}

/** Pieces laid out in a flat tensor of `size` values, zero elsewhere. */
export function pack(pieces: readonly Tensor[], offsets: readonly number[], size: number): Tensor {
  return pieces[0].trace.apply({ kind: 'pack', offsets }, pieces, [size]);
}

/** The value of x, of which gradients know nothing. */
export function stopGradient(x: Tensor): Tensor {
  return x.trace.apply({ kind: 'stopGradient' }, [x]);
}

/** Sums x over the axes that broadcasting would have repeated, so that the result has the given shape. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1));
  if (axes.length === 0) return x;
  const { op, inputs } = x.node;
  // The sign of the few sums, not of the many terms.
  if (op.kind === 'unary' && op.fn === 'neg') return neg(sumTo(x.trace.tensor(inputs[0]), shape));
  return reshape(sum(x, axes, true), shape);
}
