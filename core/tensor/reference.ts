import { EtalonError } from '../base/index.ts';
import {
  type BinaryName,
  bindSizes,
  concreteShape,
  type InputValue,
  type Node,
  type Program,
  type UnaryName,
} from './program.ts';
import { randomAt, randomKeys } from './random.ts';

/** Row-major float64 values. */
export interface Dense {
  shape: readonly number[];
  values: Float64Array;
}

const UNARY_VALUES: Record<UnaryName, (x: number) => number> = {
  neg: (x) => -x,
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  abs: Math.abs,
  sign: Math.sign,
  step: (x) => (x > 0 ? 1 : 0),
  relu: (x) => (x > 0 ? x : 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  sin: Math.sin,
  cos: Math.cos,
};

const BINARY_VALUES: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
};

/** How values that fall on one place are made one. */
interface Combination {
  start: number;
  of: (a: number, b: number) => number;
  close: (values: Float64Array) => Float64Array;
}

const SUM: Combination = { start: 0, of: (a, b) => a + b, close: (values) => values };

/** The largest of nothing is 0. */
const MAX: Combination = {
  start: Number.NEGATIVE_INFINITY,
  of: Math.max,
  close: (values) => values.map((value) => (value === Number.NEGATIVE_INFINITY ? 0 : value)),
};

/**
 * Runs a program in float64, one operation after another, as their definitions say: the oracle that devices
 * and gradients are measured against. Slow on purpose. State is fed like any input; its next values are
 * returned beside the outputs.
 */
export function interpret(
  program: Program,
  inputs: Readonly<Record<string, InputValue>>,
): { outputs: Record<string, Float64Array>; state: Record<string, Float64Array> } {
  const sizes = bindSizes(program, inputs);
  const values: Dense[] = [];
  for (const node of program.nodes) {
    const shape = concreteShape(node.shape, sizes);
    const operands = node.inputs.map((id) => values[id]);
    values.push({ shape, values: evaluate(node, shape, operands, inputs, sizes) });
  }
  const named = (entries: readonly (readonly [string, number])[]) =>
    Object.fromEntries(entries.map(([name, id]) => [name, values[id].values]));
  return {
    outputs: named(program.outputs.map(({ name, id }) => [name, id])),
    state: named(program.state.map(({ name, output }) => [name, output])),
  };
}

function evaluate(
  node: Node,
  shape: readonly number[],
  operands: readonly Dense[],
  inputs: Readonly<Record<string, InputValue>>,
  sizes: ReadonlyMap<string, number>,
): Float64Array {
  const { op } = node;
  const [a, b] = operands;
  const result = new Float64Array(product(shape));
  switch (op.kind) {
    case 'input':
      return Float64Array.from(inputs[op.name]);
    case 'constant':
      return Float64Array.from(op.values);
    case 'size':
      return Float64Array.of(sizes.get(op.symbol)!);
    case 'view':
      return a.values.slice(op.offset, op.offset + result.length);
    case 'pack':
      operands.forEach((piece, i) => void result.set(piece.values, op.offsets[i]));
      return result;
    case 'unary':
      return a.values.map(UNARY_VALUES[op.fn]);
    case 'binary': {
      const fn = BINARY_VALUES[op.fn];
      const left = expandTo(a, shape);
      const right = expandTo(b, shape);
      return result.map((_, i) => fn(left[i], right[i]));
    }
    case 'matmul': {
      const [rows, columns] = shape;
      const inner = op.transposeA ? a.shape[0] : a.shape[1];
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          let total = 0;
          for (let k = 0; k < inner; k++)
            total +=
              a.values[op.transposeA ? k * rows + row : row * inner + k] *
              b.values[op.transposeB ? column * inner + k : k * columns + column];
          result[row * columns + column] = total;
        }
      return result;
    }
    case 'random': {
      const at = randomKeys(a.values[0], op.stream);
      return result.map((_, i) => randomAt(at, i));
    }
    case 'sum':
    case 'maxOver': {
      const combine = op.kind === 'sum' ? SUM : MAX;
      result.fill(combine.start);
      const kept = a.shape.map((dim, axis) => (op.axes.includes(axis) ? 1 : dim));
      const source = strides(kept).map((stride, axis) => (op.axes.includes(axis) ? 0 : stride));
      forEachIndex(a.shape, (position, index) => {
        const to = dot(index, source);
        result[to] = combine.of(result[to], a.values[position]);
      });
      return combine.close(result);
    }
    case 'expand':
      return expandTo(a, shape);
    case 'gather': {
      const width = product(shape.slice(1));
      b.values.forEach((row, i) => {
        if (row < 0 || row >= a.shape[0]) throw outOfRange(row, a.shape[0]);
        result.set(a.values.subarray(row * width, (row + 1) * width), i * width);
      });
      return result;
    }
    case 'segmentSum':
    case 'segmentMax': {
      const combine = op.kind === 'segmentSum' ? SUM : MAX;
      result.fill(combine.start);
      const width = product(shape.slice(1));
      b.values.forEach((row, i) => {
        if (row < 0 || row >= shape[0]) throw outOfRange(row, shape[0]);
        for (let k = row * width; k < (row + 1) * width; k++)
          result[k] = combine.of(result[k], a.values[(i - row) * width + k]);
      });
      return combine.close(result);
    }
    case 'concat': {
      let start = 0;
      for (const part of operands) {
        copyBlock(part, result, shape, op.axis, start, 0, part.shape[op.axis]);
        start += part.shape[op.axis];
      }
      return result;
    }
    case 'slice':
      copyBlock(a, result, shape, op.axis, 0, op.start, op.end - op.start);
      return result;
    case 'pad':
      copyBlock(a, result, shape, op.axis, op.before, 0, a.shape[op.axis]);
      return result;
    case 'reshape':
    case 'stopGradient':
      return a.values;
    default:
      throw op satisfies never;
  }
}

function outOfRange(row: number, rows: number): EtalonError {
  return new EtalonError('internal', `internal: index ${row} into ${rows} rows`);
}

/** Copies `count` slots of `axis` from slot `from` of the source to slot `to` of a target of the given shape. */
function copyBlock(
  source: Dense,
  target: Float64Array,
  shape: readonly number[],
  axis: number,
  to: number,
  from: number,
  count: number,
): void {
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  for (let i = 0; i < outer; i++) {
    const begin = (i * source.shape[axis] + from) * inner;
    target.set(source.values.subarray(begin, begin + count * inner), (i * shape[axis] + to) * inner);
  }
}

function expandTo(x: Dense, shape: readonly number[]): Float64Array {
  const lead = shape.length - x.shape.length;
  const own = strides(x.shape);
  const source = shape.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : own[axis - lead]));
  const result = new Float64Array(product(shape));
  forEachIndex(shape, (position, index) => {
    result[position] = x.values[dot(index, source)];
  });
  return result;
}

function forEachIndex(
  shape: readonly number[],
  visit: (position: number, index: readonly number[]) => void,
): void {
  const index = shape.map(() => 0);
  const count = product(shape);
  for (let position = 0; position < count; position++) {
    visit(position, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, i) => total + value * b[i], 0);
}
