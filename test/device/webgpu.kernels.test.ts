import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { gradients, interpret, type Program, type Tensor, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

describe.skipIf(noSwiftShader)(`WGSL kernels${skipNote}`, () => {
  let device: Device;
  /** With the tiles that a GPU chooses from. */
  let tiled: Device;
  const random = new Random(3);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

  beforeAll(async () => {
    device = await createWebGpuDevice({ software: true });
    tiled = await createWebGpuDevice({ software: true, tuning: null });
  });
  afterAll(async () => {
    await device?.dispose();
    await tiled?.dispose();
  });

  const runOnce = async (program: Program, feed: Feed, on = device) => {
    const executable = await on.compile(program);
    const outputs = await executable.run(feed);
    await executable.dispose();
    return outputs;
  };
  const expectReference = async (program: Program, feed: Feed, tolerance = 1e-5, on = device) => {
    const outputs = await runOnce(program, feed, on);
    const expected = interpret(program, feed);
    for (const [name, values] of Object.entries(expected.outputs))
      expect(relativeError(outputs[name], values), name).toBeLessThanOrEqual(tolerance);
  };

  describe('products', () => {
    const layouts = [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const;

    it.each(layouts)('beyond and below a tile, transposed %s and %s', async (transposeA, transposeB) => {
      // Narrow tiles are the same code with other numbers: one layout of each operand is enough.
      const narrow = transposeB
        ? []
        : [
            [3, 40, 67],
            [70, 17, 5],
          ];
      for (const [rows, inner, columns] of [[65, 33, 70], ...narrow]) {
        const trace = new Trace();
        const a = trace.input('a', transposeA ? [inner, rows] : [rows, inner]);
        const b = trace.input('b', transposeB ? [columns, inner] : [inner, columns]);
        const program = trace.program({ y: o.matmul(a, b, { transposeA, transposeB }) });
        const feed = { a: floats(rows * inner), b: floats(inner * columns) };
        for (const on of [device, tiled]) await expectReference(program, feed, 1e-5, on);
      }
    });

    it('of tall matrices, whose inner axis is split', async () => {
      const trace = new Trace();
      const a = trace.input('a', ['n', 20]);
      const b = trace.input('b', ['n', 3]);
      const program = trace.program({ y: o.matmul(a, b, { transposeA: true }) });
      for (const n of [1, 255, 3001]) await expectReference(program, { a: floats(n * 20), b: floats(n * 3) });
    });
  });

  describe('sums', () => {
    it('of columns, rows and all of a long matrix', async () => {
      const trace = new Trace();
      const x = trace.input('x', ['n', 5]);
      const outputs = { columns: o.sum(x, [0]), rows: o.sum(x, [1]), all: o.sum(x) };
      for (const n of [1, 2, 5000]) await expectReference(trace.program(outputs), { x: floats(n * 5) });
    });

    it('of alternating axes', async () => {
      const trace = new Trace();
      const x = trace.input('x', ['n', 3, 4, 2]);
      const program = trace.program({
        a: o.sum(x, [0, 2]),
        b: o.sum(x, [1, 3], true),
        c: o.sum(x, [0, 1, 3]),
      });
      await expectReference(program, { x: floats(50 * 24) });
    });

    it('over a static axis too long for one pass', async () => {
      const trace = new Trace();
      const x = trace.input('x', ['n', 1500]);
      await expectReference(trace.program({ y: o.sum(x, [1]) }), { x: floats(3 * 1500) });
    });

    it('when a dispatch needs more workgroups than one dimension takes', async () => {
      const trace = new Trace();
      const row = trace.input('row', [1, 'n']);
      const column = trace.input('column', ['m', 1]);
      const { all } = await runOnce(trace.program({ all: o.sum(o.mul(row, column)) }), {
        row: new Float32Array(4200).fill(2),
        column: new Float32Array(4200).fill(0.5),
      });
      expect(Math.abs(all[0] - 4200 * 4200)).toBeLessThanOrEqual(4200 * 4200 * 1e-6);
    });
  });

  describe('element-wise functions', () => {
    const ends = [0, 1e-6, -1e-6, 1e-3, -1e-3, 15, -15, 40, -40, 85, -85];
    const spread = Array.from({ length: 2000 }, (_, i) => (i - 1000) / 100);

    /** Every value by itself, relative to its own size: the bound of the whole array would hide the small ones. */
    const expectEach = async (fn: (x: Tensor) => Tensor, values: readonly number[], tolerance: number) => {
      const trace = new Trace();
      const program = trace.program({ y: fn(trace.input('x', ['n'])) });
      const x = Float32Array.from(values);
      const { y } = await runOnce(program, { x });
      const expected = interpret(program, { x }).outputs.y;
      let worst = 0;
      expected.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(y[i] - value) / Math.max(Math.abs(value), 1e-30));
      });
      expect(worst).toBeLessThanOrEqual(tolerance);
    };

    it.each([
      ['softplus', o.softplus],
      ['sigmoid', o.sigmoid],
      ['tanh', o.tanh],
      ['exp', o.exp],
    ] as const)('%s keeps its digits from end to end', (_name, fn) =>
      expectEach(fn, [...ends, ...spread], 2e-5),
    );

    it('log keeps its digits next to 1', () =>
      expectEach(o.log, [1e-20, 0.5, 0.9, 0.999, 1.0001, 1.1, 1.3, 7, 1e20], 2e-6));

    it.each([
      ['sin', o.sin],
      ['cos', o.cos],
    ] as const)('%s is right to 1e-6 over a thousand turns', async (_name, fn) => {
      const trace = new Trace();
      const program = trace.program({ y: fn(trace.input('x', ['n'])) });
      const x = Float32Array.from({ length: 2000 }, (_, i) => (i - 1000) * 6.1);
      await expectReference(program, { x }, 1e-6);
    });

    it('takes more operands than a kernel has bindings', async () => {
      const trace = new Trace();
      const inputs = Array.from({ length: 30 }, (_, i) => trace.input(`x${i}`, ['n', 2]));
      const program = trace.program({ y: inputs.reduce((total, x, i) => o.add(o.mul(total, x), i)) });
      await expectReference(
        program,
        Object.fromEntries(inputs.map((_, i) => [`x${i}`, floats(2 * 7)])),
        1e-4,
      );
    });
  });

  it('reads many views of one tensor in one kernel', async () => {
    const trace = new Trace();
    const flat = trace.input('flat', [300]);
    const views = Array.from({ length: 90 }, (_, i) => o.view(flat, 3 * i + 1, [2]));
    const program = trace.program({
      y: views.reduce((total, view) => o.add(total, view)),
      packed: o.pack(
        views,
        views.map((_, i) => 2 * i),
        180,
      ),
    });
    await expectReference(program, { flat: floats(300) });
  });

  it('lays more parts beside each other than a kernel has bindings', async () => {
    const trace = new Trace();
    const parts = Array.from({ length: 25 }, (_, i) => trace.input(`x${i}`, ['n', 1 + (i % 3)]));
    const feed = Object.fromEntries(parts.map((_, i) => [`x${i}`, floats(4 * (1 + (i % 3)))]));
    await expectReference(trace.program({ y: o.concat(parts) }), feed);
  });

  it('writes pieces into their pack, whether computed, given or packed themselves', async () => {
    const trace = new Trace();
    const [a, b] = [trace.input('a', [2, 3]), trace.input('b', [4])];
    const inner = o.pack([o.exp(b), o.reshape(o.matmul(a, a, { transposeB: true }), [4])], [1, 6], 12);
    const flat = o.pack([o.square(a), inner, b], [0, 6, 20], 26);
    await expectReference(trace.program({ flat, twice: o.mul(o.view(flat, 7, [4]), 2) }), {
      a: floats(6),
      b: floats(4),
    });
  });

  it('follows the reference through 20 steps of Adam on a graph network', async () => {
    const { program, feed, states } = graphTraining(random);
    const executable = await device.compile(program);
    for (const [name, values] of Object.entries(states)) await executable.setState(name, values);
    let expected: Record<string, Float32Array | Float64Array> = states;
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const { loss } = await executable.run(feed);
      const reference = interpret(program, { ...feed, ...expected });
      expected = reference.state;
      losses.push(loss[0]);
      expect(Math.abs(loss[0] / reference.outputs.loss[0] - 1)).toBeLessThanOrEqual(1e-4);
    }
    expect(losses[19]).toBeLessThan(0.7 * losses[0]);
    await executable.dispose();
  });
});

/** Two rounds of message passing on 30 nodes and 80 edges, mean squared error, Adam with clipping. */
function graphTraining(random: Random) {
  const [nodes, edges, width] = [30, 80, 6];
  const trace = new Trace();
  const x = trace.input('x', ['nodes', 3]);
  const y = trace.input('y', ['nodes', 1]);
  const senders = trace.input('senders', ['edges'], 'i32');
  const receivers = trace.input('receivers', ['edges'], 'i32');
  const size = 3 * width + 2 * (2 * width * width + width) + width + 1;
  const [flat, m, v] = ['flat', 'm', 'v'].map((name) => trace.input(name, [size]));
  const step = trace.input('step', []);
  let offset = 0;
  const weights = (...shape: number[]) => {
    const view = o.view(flat, offset, shape);
    offset += shape.reduce((product, dim) => product * dim, 1);
    return view;
  };
  let hidden = o.tanh(o.matmul(x, weights(3, width)));
  for (let round = 0; round < 2; round++) {
    const joined = o.concat([o.gather(hidden, senders), o.gather(hidden, receivers)]);
    const message = o.softplus(o.add(o.matmul(joined, weights(2 * width, width)), weights(width)));
    hidden = o.add(hidden, o.mul(o.segmentSum(message, receivers, 'nodes'), 0.3));
  }
  const loss = o.mean(o.square(o.sub(o.add(o.matmul(hidden, weights(width, 1)), weights(1)), y)));
  const [raw] = gradients(loss, [flat]);
  const gradient = o.div(raw, o.max(o.sqrt(o.sum(o.square(raw))), 1));
  const next = o.add(step, 1);
  const m1 = o.add(o.mul(m, 0.9), o.mul(gradient, 0.1));
  const v1 = o.add(o.mul(v, 0.99), o.mul(o.square(gradient), 0.01));
  const rate = o.div(
    o.sqrt(o.sub(1, o.exp(o.mul(next, Math.log(0.99))))),
    o.sub(1, o.exp(o.mul(next, Math.log(0.9)))),
  );
  const flat1 = o.sub(flat, o.mul(o.mul(rate, 0.02), o.div(m1, o.add(o.sqrt(v1), 1e-8))));
  const index = () => Int32Array.from({ length: edges }, () => random.int(nodes));
  const floats = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());
  return {
    program: trace.program({ loss }, { flat: flat1, m: m1, v: v1, step: next }),
    feed: { x: floats(nodes * 3), y: floats(nodes), senders: index(), receivers: index() },
    states: {
      flat: floats(size, 0.3),
      m: new Float32Array(size),
      v: new Float32Array(size),
      step: new Float32Array(1),
    },
  };
}
