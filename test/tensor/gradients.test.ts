import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  BINARY,
  gradients,
  interpret,
  type OpKind,
  type Program,
  type Tensor,
  Trace,
  UNARY,
} from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { type CaseInputs, caseInputs, OP_CASES, type OpCase, traceCase } from '../support/opCases.ts';
import {
  CPU_SEEDS,
  randomInputs as inputsOf,
  kindOf,
  randomProgram,
  WEBGPU_SEEDS,
} from '../support/randomProgram.ts';
import { relativeError } from '../support/relativeError.ts';

const SIZES = new Map([
  ['nodes', 4],
  ['edges', 7],
]);

/** The compiler asks for a line when the set of operations grows, the test below for a case. */
const KINDS: Record<OpKind, true> = {
  input: true,
  constant: true,
  size: true,
  view: true,
  pack: true,
  unary: true,
  binary: true,
  matmul: true,
  random: true,
  sum: true,
  maxOver: true,
  expand: true,
  gather: true,
  segmentSum: true,
  segmentMax: true,
  concat: true,
  slice: true,
  pad: true,
  reshape: true,
  stopGradient: true,
};

describe('gradients against central differences in float64', () => {
  it('has a case for every operation and every function', () => {
    const kinds = new Set<string>([...OP_CASES.map(({ kind }) => kind), 'stopGradient']);
    expect([...kinds].sort()).toEqual(Object.keys(KINDS).sort());
    const functions = OP_CASES.flatMap(({ fn }) => (fn ? [fn] : []));
    expect([...new Set(functions)].sort()).toEqual([...UNARY, ...BINARY].sort());
  });

  it.each(OP_CASES)('$kind: $name', (opCase) => {
    const { program, inputs, wrt } = lossOf(opCase);
    expectGradients(program, inputs, wrt);
  });

  it('are 0 through stopGradient, whose value is that of its operand', () => {
    const trace = new Trace();
    const x = trace.input('x', [3]);
    const y = o.add(o.stopGradient(o.square(x)), x);
    const [d] = gradients(o.sum(y), [x]);
    const { outputs } = interpret(trace.program({ y, d }), { x: Float64Array.of(1, 2, 3) });
    expect([...outputs.y]).toEqual([2, 6, 12]);
    expect([...outputs.d]).toEqual([1, 1, 1]);
  });

  it('of the largest are shared by equal ones, over an axis and over segments', () => {
    const trace = new Trace();
    const x = trace.input('x', ['rows', 2]);
    const index = trace.input('index', ['rows'], 'i32');
    const perRow = o.sum(o.mul(o.maxOver(x, [1]), 6));
    const perSegment = o.sum(o.mul(o.segmentMax(x, index, 2), 6));
    const program = trace.program({
      perRow: gradients(perRow, [x])[0],
      perSegment: gradients(perSegment, [x])[0],
    });
    const { outputs } = interpret(program, {
      x: Float64Array.of(1, 1, 2, -3, 1, -3, 1, -3),
      index: Int32Array.of(0, 1, 0, 0),
    });
    expect([...outputs.perRow]).toEqual([3, 3, 6, 0, 6, 0, 6, 0]);
    expect([...outputs.perSegment]).toEqual([2, 6, 6, 6, 2, 0, 2, 0]);
  });

  it('are 0 for a tensor that the loss does not read', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 2]);
    const [d] = gradients(trace.constant(3), [x]);
    const { outputs } = interpret(trace.program({ d }), { x: new Float64Array(4).fill(1) });
    expect([...outputs.d]).toEqual([0, 0, 0, 0]);
  });

  it('can be differentiated again', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 2]);
    const flat = trace.input('flat', [9]);
    const index = trace.input('index', ['edges'], 'i32');
    const hidden = o.tanh(o.add(o.matmul(x, o.view(flat, 0, [2, 3])), o.view(flat, 6, [3])));
    const spread = o.sigmoid(o.segmentSum(o.gather(hidden, index), index, 'nodes'));
    const [first] = gradients(o.mean(o.mul(spread, o.exp(hidden))), [flat]);
    const loss = o.sum(o.square(first));
    const random = new Random(3);
    const inputs = {
      x: Float64Array.from({ length: 8 }, () => random.normal()),
      flat: Float64Array.from({ length: 9 }, () => random.normal()),
      index: Int32Array.from({ length: 7 }, () => random.int(4)),
    };
    const [second] = gradients(loss, [flat]);
    expectGradients(trace.program({ loss, flat: second }), inputs, ['flat']);
  });

  it.each([...CPU_SEEDS, ...WEBGPU_SEEDS])('of random program %i, along some direction', (seed) => {
    const random = new Random(seed);
    const program = randomProgram(random, { stops: false });
    const { feed, parameters } = inputsOf(random, kindOf(seed));
    const direction = Float64Array.from(parameters, () => random.normal());
    // Small, so that the loss has no kink between the two points.
    const step = 1e-7;
    const lossAt = (offset: number) => {
      const moved = Float64Array.from(parameters, (value, i) => value + offset * direction[i]);
      return interpret(program, { ...feed, parameters: moved }).outputs.loss[0];
    };
    const { gradient } = interpret(program, { ...feed, parameters: Float64Array.from(parameters) }).outputs;
    const expected = (lossAt(step) - lossAt(-step)) / (2 * step);
    const actual = gradient.reduce((total, value, i) => total + value * direction[i], 0);
    expect(relativeError([actual], [expected])).toBeLessThanOrEqual(1e-5);
  });

  it('of many views of one flat tensor are one pack', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 2]);
    const flat = trace.input('flat', [10]);
    const weights = o.view(flat, 0, [2, 2]);
    const bias = o.view(flat, 4, [2]);
    const scale = o.view(flat, 8, [2]);
    const once = o.tanh(o.add(o.matmul(x, weights), bias));
    const twice = o.mul(o.tanh(o.add(o.matmul(once, weights), bias)), scale);
    const loss = o.sum(o.square(twice));
    const [d] = gradients(loss, [flat]);
    const program = trace.program({ loss, flat: d });
    const packs = program.nodes.flatMap(({ op }) => (op.kind === 'pack' ? [op.offsets] : []));
    expect(packs).toEqual([[0, 4, 8]]);
    expectGradients(program, randomInputs({ x: 6, flat: 10 }), ['flat']);
  });

  it('of slices that lie side by side are one concatenation, of others a sum', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 5]);
    const kindsOf = (...ranges: [number, number][]) => {
      const loss = ranges
        .map(([start, end]) => o.sum(o.exp(o.slice(x, start, end))))
        .reduce((total, term) => o.add(total, term));
      const [d] = gradients(loss, [x]);
      const program = trace.program({ loss, x: d });
      expectGradients(program, randomInputs({ x: 15 }), ['x']);
      return program.nodes.map(({ op }) => op.kind).filter((kind) => kind === 'pad' || kind === 'concat');
    };
    expect(kindsOf([0, 2], [2, 3], [3, 5])).toEqual(['concat']);
    expect(kindsOf([3, 5], [0, 3])).toEqual(['concat']);
    expect(kindsOf([0, 2], [3, 5])).toEqual(['pad', 'pad']);
    expect(kindsOf([0, 3], [2, 5])).toEqual(['pad', 'pad']);
  });

  it('of views that overlap, and of a flat tensor that is also read whole, still add up', () => {
    const trace = new Trace();
    const flat = trace.input('flat', [8]);
    const product = o.matmul(o.view(flat, 0, [2, 2]), o.view(flat, 2, [2, 3]));
    const again = o.view(flat, 0, [2]);
    const loss = o.add(o.add(o.sum(o.square(product)), o.sum(o.exp(again))), o.sum(o.square(flat)));
    const [d] = gradients(loss, [flat]);
    expectGradients(trace.program({ loss, flat: d }), randomInputs({ flat: 8 }), ['flat']);
  });
});

function randomInputs(lengths: Record<string, number>): CaseInputs {
  const random = new Random(5);
  return Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => [
      name,
      Float64Array.from({ length }, () => random.normal()),
    ]),
  );
}

/** A program whose loss weighs each element of the case's result differently. */
function lossOf(opCase: OpCase): { program: Program; inputs: CaseInputs; wrt: string[] } {
  const { trace, inputs, result } = traceCase(opCase);
  const direction = trace.input('direction', result.shape);
  const loss = o.sum(o.mul(o.add(result, 0), direction));
  const wrt = Object.keys(inputs).filter((name) => inputs[name].dtype === 'f32');
  const derivatives = gradients(
    loss,
    wrt.map((name) => inputs[name]),
  );
  const outputs: Record<string, Tensor> = { loss };
  wrt.forEach((name, i) => {
    outputs[name] = derivatives[i];
  });
  const program = trace.program(outputs);
  const random = new Random(11);
  const values = caseInputs(opCase, SIZES, random);
  const count = result.shape.reduce<number>(
    (product, dim) => product * (typeof dim === 'number' ? dim : SIZES.get(dim)!),
    1,
  );
  values.direction = Float64Array.from({ length: count }, () => random.normal());
  return { program, inputs: values, wrt };
}

function expectGradients(program: Program, inputs: CaseInputs, wrt: readonly string[]): void {
  const { outputs } = interpret(program, inputs);
  for (const name of wrt)
    expect(relativeError(outputs[name], differences(program, inputs, name)), name).toBeLessThanOrEqual(1e-6);
}

function differences(program: Program, inputs: CaseInputs, name: string): Float64Array {
  const step = 1e-5;
  const lossAt = (i: number, offset: number): number => {
    const moved = Float64Array.from(inputs[name]);
    moved[i] += offset;
    return interpret(program, { ...inputs, [name]: moved }).outputs.loss[0];
  };
  return Float64Array.from(inputs[name], (_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
}
