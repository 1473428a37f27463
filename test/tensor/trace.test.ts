import { describe, expect, it } from 'vitest';
import { bindSizes, formatProgram, interpret, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';

describe('a trace', () => {
  it('writes equal operations on equal inputs once', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 3]);
    expect(o.exp(x).id).toBe(o.exp(x).id);
    expect(o.add(x, 2).id).toBe(o.add(x, 2).id);
    expect(o.exp(x).id).not.toBe(o.log(x).id);
    expect(o.slice(x, 0, 2).id).not.toBe(o.slice(x, 1, 3).id);
    expect(o.sub(x, 2).id).not.toBe(o.sub(2, x).id);
    expect(trace.constant([1, 2], [2]).id).not.toBe(trace.constant([1, 2], [1, 2]).id);
  });

  it('leaves out what no output needs, but no input', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n']);
    trace.input('unused', ['n']);
    o.exp(o.log(x));
    const y = o.neg(x);
    const program = trace.program({ y });
    expect(program.nodes.map(({ op }) => op.kind)).toEqual(['input', 'input', 'unary']);
    expect(program.nodes.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(program.outputs).toEqual([{ name: 'y', id: 2 }]);
  });

  it('re-opens a program as it was', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 2]);
    const index = trace.input('index', ['m'], 'i32');
    const w = trace.input('w', [2]);
    const y = o.segmentSum(o.gather(o.mul(x, w), index), index, 'n');
    const program = trace.program({ y }, { w: o.mul(w, 0.5) });
    const { trace: again, tensors } = Trace.from(program);
    const copy = again.program(
      { y: tensors[program.outputs[0].id] },
      { w: tensors[program.state[0].output] },
    );
    expect(formatProgram(copy)).toBe(formatProgram(program));
  });

  it('lists a program for people', () => {
    const trace = new Trace();
    const program = trace.program({ y: o.sum(trace.input('x', ['n', 2]), [1]) });
    expect(formatProgram(program)).toBe(
      '%0: f32[n,2] = input() name="x"\n%1: f32[n] = sum(%0) axes=[1] keepDims=false\noutput y = %1',
    );
  });

  it('hands out an input again where the same is asked for', () => {
    const trace = new Trace();
    const x = trace.inputOnce('x', ['n']);
    expect(trace.inputOnce('x', ['n']).id).toBe(x.id);
    expect(trace.inputNamed('x').id).toBe(x.id);
    expect(trace.nodes).toHaveLength(1);
  });

  const other = new Trace().input('x', ['n']);
  it.each<[string, (trace: Trace) => unknown]>([
    ['two inputs are named "x"', (t) => [t.input('x', []), t.input('x', [])]],
    [
      '"x" is f32 [n], and asked for as i32 [n]',
      (t) => [t.input('x', ['n']), t.inputOnce('x', ['n'], 'i32')],
    ],
    ['"x" is f32 [n], and asked for as f32 [n,1]', (t) => [t.input('x', ['n']), t.inputOnce('x', ['n', 1])]],
    ['more than one symbolic axis', (t) => t.input('x', ['n', 'm'])],
    ['a constant must be finite', (t) => t.constant(Number.NaN)],
    ['3 values do not fill [2]', (t) => t.constant([1, 2, 3], [2])],
    ['another trace', (t) => o.add(t.input('y', ['n']), other)],
    ['no input "z"', (t) => t.program({}, { z: t.constant(1) })],
    [
      'state "p" is [2], its next value is [3]',
      (t) => t.program({}, { p: o.pad(t.input('p', [2]), 0, 1, 0) }),
    ],
    ['needs at least one tensor', () => o.add(1, 2)],
  ])('refuses: %s', (message, build) => {
    expect(() => build(new Trace())).toThrow(message);
  });
});

describe('shapes', () => {
  const trace = new Trace();
  const n3 = trace.input('n3', ['n', 3]);
  const n2 = trace.input('n2', ['n', 2]);
  const m3 = trace.input('m3', ['m', 3]);
  const n = trace.input('n', ['n']);
  const w = trace.input('w', [3, 4]);
  const flat = trace.input('flat', [10]);
  const index = trace.input('index', ['m'], 'i32');

  it.each<[string, () => { shape: readonly (number | string)[] }, (number | string)[]]>([
    ['matmul', () => o.matmul(n3, w), ['n', 4]],
    ['matmul, first transposed', () => o.matmul(n3, n2, { transposeA: true }), [3, 2]],
    [
      'matmul, second transposed',
      () => o.matmul(n3, o.view(flat, 0, [2, 3]), { transposeB: true }),
      ['n', 2],
    ],
    ['broadcasting', () => o.add(o.sum(n3, [1], true), trace.constant([1, 2], [2])), ['n', 2]],
    ['sum over all', () => o.sum(n3), []],
    ['sum, kept', () => o.sum(n3, [0], true), [1, 3]],
    ['gather', () => o.gather(n3, index), ['m', 3]],
    ['segmentSum', () => o.segmentSum(m3, index, 'n'), ['n', 3]],
    ['concat', () => o.concat([n3, n2]), ['n', 5]],
    ['slice', () => o.slice(n3, 1, 3), ['n', 2]],
    ['pad', () => o.pad(n3, 1, 2, 1), ['n', 6]],
    ['reshape', () => o.reshape(n, ['n', 1]), ['n', 1]],
    ['reshape, the symbol elsewhere', () => o.reshape(n3, [3, 'n']), [3, 'n']],
    ['maxOver', () => o.maxOver(n3, [1], true), ['n', 1]],
    ['segmentMax', () => o.segmentMax(m3, index, 'n'), ['n', 3]],
    ['view', () => o.view(flat, 4, [2, 3]), [2, 3]],
    ['pack', () => o.pack([w], [0], 12), [12]],
    ['mean over columns', () => o.mean(n3, [1]), ['n']],
  ])('of %s', (_name, build, shape) => {
    expect(build().shape).toEqual(shape);
  });

  it.each<[string, () => unknown]>([
    ['binary([n,3], [n,2]): shapes do not broadcast', () => o.add(n3, n2)],
    ['binary([n,3], [m,3]): shapes do not broadcast', () => o.add(n3, m3)],
    ['matmul([n,3], [n,2]): inner sizes 3 and n differ', () => o.matmul(n3, n2)],
    ['operands must be matrices', () => o.matmul(n3, n)],
    ['no axis 2', () => o.sum(n3, [2])],
    ['operand 1 must not be f32', () => o.gather(n3, n)],
    ['operand 0 must not be i32', () => o.neg(index)],
    ['needs one index for each row', () => o.segmentSum(n3, index, 'n')],
    ['parts may differ only in a static axis', () => o.concat([n3, m3])],
    ['parts may differ only in a static axis', () => o.concat([n3, n3], 0)],
    ['no range 1 … 4 on axis 1', () => o.slice(n3, 1, 4)],
    ['no range 0 … 2 on axis 0', () => o.slice(n3, 0, 2, 0)],
    ['axis 0 must be static', () => o.pad(n3, 1, 0, 0)],
    ['cannot become [n,4]', () => o.reshape(n3, ['n', 4])],
    ['cannot become [m,3]', () => o.reshape(n3, ['m', 3])],
    ['reaches beyond the flat tensor', () => o.view(flat, 5, [2, 3])],
    ['the flat tensor must be [P]', () => o.view(n, 0, [2])],
    ['must not overlap', () => o.pack([w, w], [0, 11], 30)],
    ['reaches beyond the flat tensor', () => o.pack([w], [1], 12)],
    ['sizes must be static', () => o.pack([n3], [0], 12)],
    ['cannot be repeated to that shape', () => o.expand(n3, n)],
  ])('refuse: %s', (message, build) => {
    expect(build).toThrow(message);
  });
});

describe('sizes', () => {
  const trace = new Trace();
  const x = trace.input('x', ['n', 2]);
  const y = trace.input('y', ['n']);
  const program = trace.program({ z: o.add(o.sum(x, [1]), y) });

  it('follow from the lengths of the inputs', () => {
    expect(bindSizes(program, { x: new Float32Array(6), y: new Float32Array(3) })).toEqual(
      new Map([['n', 3]]),
    );
  });

  it.each([
    ['input "y" is missing', { x: new Float32Array(6) }],
    ['input "y" must be f32', { x: new Float32Array(6), y: new Int32Array(3) }],
    ['gives n = 2 where another input gives 3', { x: new Float32Array(6), y: new Float32Array(2) }],
    ['gives n = 2.5', { x: new Float32Array(5), y: new Float32Array(2) }],
  ])('refuse: %s', (message, inputs) => {
    expect(() => interpret(program, inputs as Record<string, Float32Array>)).toThrow(message);
  });
});
