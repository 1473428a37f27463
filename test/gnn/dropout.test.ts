import { describe, expect, it } from 'vitest';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import { bindParameters, Draws, dropout, gcn, ParameterLayout, stack } from '../../core/gnn/index.ts';
import { interpret, Trace } from '../../core/tensor/index.ts';

const N = 40_000;

function dropTwice(rate: number) {
  const trace = new Trace();
  const x = trace.input('x', ['n', 4]);
  const draws = new Draws(trace);
  return trace.program({ first: dropout(x, rate, draws), second: dropout(x, rate, draws) });
}

const run = (seed: number, rate = 0.3) =>
  interpret(dropTwice(rate), { x: new Float64Array(N).fill(2), seed: Int32Array.of(seed) }).outputs;

describe('dropout', () => {
  it('drops its share and keeps the mean', () => {
    const { first } = run(5);
    const dropped = first.filter((value) => value === 0).length / N;
    expect(dropped).toBeCloseTo(0.3, 2);
    expect(new Set(first)).toEqual(new Set([0, 2 / 0.7]));
    expect(first.reduce((sum, value) => sum + value, 0) / N).toBeCloseTo(2, 1);
  });

  it('drops others at each use and with each seed, the same with the same', () => {
    const { first, second } = run(5);
    expect(first).toEqual(run(5).first);
    for (const other of [second, run(6).first]) {
      const both = first.filter((value, i) => value === 0 && other[i] === 0).length / N;
      expect(both).toBeCloseTo(0.09, 2);
    }
  });

  it('is the same bits on the CPU device', async () => {
    const device = await createCpuDevice({ threads: 2 });
    const executable = await device.compile(dropTwice(0.3));
    const feed = { x: new Float32Array(N).fill(2), seed: Int32Array.of(5) };
    const outputs = await executable.run(feed);
    expect(await executable.run(feed)).toEqual(outputs);
    const kept = (values: ArrayLike<number>) => Array.from(values, (value) => value !== 0);
    expect(kept(outputs.second)).toEqual(kept(run(5).second));
    await device.dispose();
  });

  it('asks for no seed where a model predicts', () => {
    const layout = new ParameterLayout();
    const net = stack(layout, 'net', {
      widths: [4, 4, 2],
      layer: (name, inputs, outputs) => gcn(layout, name, { inputs, outputs }),
      dropout: 0.5,
    });
    const kinds = (training: boolean) => {
      const trace = new Trace();
      const [senders, receivers] = ['s', 'r'].map((name) => trace.input(name, ['edges'], 'i32'));
      const structure = { senders, receivers, nodeScale: trace.input('scale', ['nodes', 1]) };
      const state = { nodes: trace.input('x', ['nodes', 4]) };
      const draws = training ? new Draws(trace) : undefined;
      const { nodes } = net(bindParameters(trace, layout), structure, state, draws);
      return trace.program({ nodes }).nodes.map(({ op }) => (op.kind === 'input' ? op.name : op.kind));
    };
    expect(kinds(true).filter((kind) => kind === 'random')).toHaveLength(2);
    expect(kinds(false)).not.toContain('random');
    expect(kinds(false)).not.toContain('seed');
  });
});

it('draws normal numbers: moments as of the distribution, the same for the same seed', () => {
  const trace = new Trace();
  const like = trace.input('x', ['n', 4]);
  const program = trace.program({ y: new Draws(trace).normal(like.shape), like });
  const drawn = (seed: number) =>
    interpret(program, { x: new Float64Array(N), seed: Int32Array.of(seed) }).outputs.y;
  const y = drawn(5);
  const moment = (power: number) => y.reduce((sum, value) => sum + value ** power, 0) / N;
  expect(moment(1)).toBeCloseTo(0, 1);
  expect(moment(2)).toBeCloseTo(1, 1);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  expect(drawn(5)).toEqual(y);
  expect(drawn(6)).not.toEqual(y);
});
