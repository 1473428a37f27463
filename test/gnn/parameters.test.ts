import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { bindParameters, embedding, layerNorm, linear, mlp, ParameterLayout } from '../../core/gnn/index.ts';
import { add, interpret, Trace } from '../../core/tensor/index.ts';

describe('a layout', () => {
  it('places parameters one after another without gaps', () => {
    const layout = new ParameterLayout();
    mlp(layout, 'encoder', 5, [7, 3], { norm: true });
    embedding(layout, 'segment', 11, 4, { decay: 300 });
    expect(layout.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['encoder.0.kernel', [5, 7]],
      ['encoder.0.bias', [7]],
      ['encoder.1.kernel', [7, 3]],
      ['encoder.1.bias', [3]],
      ['encoder.norm.gain', [3]],
      ['encoder.norm.bias', [3]],
      ['segment.table', [11, 4]],
    ]);
    let next = 0;
    for (const { offset, size, shape } of layout.parameters) {
      expect(offset).toBe(next);
      expect(size).toBe(shape.reduce((product, dim) => product * dim, 1));
      next += size;
    }
    expect(layout.size).toBe(next);
    expect(layout.size).toBe(5 * 7 + 7 + 7 * 3 + 3 + 3 + 3 + 44);
  });

  it('refuses two parameters of one name', () => {
    const layout = new ParameterLayout();
    linear(layout, 'head', 2, 3);
    expect(() => linear(layout, 'head', 2, 3)).toThrow('"head.kernel"');
  });

  it('decays matrices once, embeddings as told, biases and norms not at all', () => {
    const layout = new ParameterLayout();
    linear(layout, 'linear', 2, 2);
    linear(layout, 'head', 2, 1, { start: 'zeros' });
    layerNorm(layout, 'norm', 2);
    embedding(layout, 'class', 2, 1);
    embedding(layout, 'segment', 3, 1, { decay: 300 });
    const expected = [[1, 1, 1, 1], [0, 0], [1, 1], [0], [0, 0], [0, 0], [1, 1], [300, 300, 300]].flat();
    expect([...layout.decayFactors()]).toEqual(expected);
  });
});

describe('starting values', () => {
  const declare = () => {
    const layout = new ParameterLayout();
    layout.declare('glorot', [60, 40], 'glorot');
    layout.declare('zeros', [5], 'zeros');
    layout.declare('ones', [5], 'ones');
    layout.declare('normal', [2000], { normal: 0.3 });
    layout.declare('constant', [5], { constant: -2 });
    return layout;
  };
  const startOf = (seed: number) => {
    const layout = declare();
    const flat = layout.initialise(new Random(seed));
    return Object.fromEntries(
      layout.parameters.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]),
    );
  };

  it('are the same for the same seed, and others for another', () => {
    expect(startOf(1)).toEqual(startOf(1));
    expect(startOf(1).glorot).not.toEqual(startOf(2).glorot);
  });

  it('follow their initialiser', () => {
    const { glorot, zeros, ones, normal, constant } = startOf(3);
    const limit = Math.sqrt(6 / 100);
    expect(Math.max(...glorot)).toBeLessThanOrEqual(limit);
    expect(Math.max(...glorot)).toBeGreaterThan(0.98 * limit);
    expect(Math.min(...glorot)).toBeLessThan(-0.98 * limit);
    // Uniform in ±limit has the deviation limit / √3.
    expect(deviation(glorot)).toBeCloseTo(limit / Math.sqrt(3), 2);
    expect([...zeros, ...ones, ...constant]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -2, -2, -2, -2, -2]);
    expect(deviation(normal)).toBeCloseTo(0.3, 1);
  });
});

it('a program sees each parameter at its place in the flat tensor', () => {
  const layout = new ParameterLayout();
  const a = layout.declare('a', [2, 3], 'zeros');
  const b = layout.declare('b', [3], 'zeros');
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const program = trace.program({ a: weights(a), b: weights(b), sum: add(weights(a), weights(b)) });
  const { outputs } = interpret(program, { parameters: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) });
  expect([...outputs.a]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...outputs.b]).toEqual([7, 8, 9]);
  expect([...outputs.sum]).toEqual([8, 10, 12, 11, 13, 15]);
});

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
