import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import type { Device, Executable } from '../../core/device/types.ts';
import { lowerProgram } from '../../core/onnx/index.ts';
import { gradients, type Program, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { conformance } from '../support/deviceConformance.ts';
import { CPU_SEEDS } from '../support/randomProgram.ts';

conformance('CPU', () => createCpuDevice({ threads: 2 }), CPU_SEEDS);
conformance('CPU with one thread', () => createCpuDevice({ threads: 1 }), CPU_SEEDS);

describe('CPU device', () => {
  let device: Device;
  beforeAll(async () => {
    device = await createCpuDevice({ threads: 2 });
  });
  afterAll(() => device.dispose());

  it('says what it is', async () => {
    expect(device.kind).toBe('cpu');
    expect(device.description).toMatch(/^2 CPU threads \(ONNX Runtime 1\.\d+\.\d+\)$/);
    const one = await createCpuDevice({ threads: 1 });
    expect(one.description).toMatch(/^1 CPU thread \(/);
    await one.dispose();
  });

  // Adding from many threads at once gave up to 943 wrong results of 1,000 on such edges.
  it('gives the same bits a thousand times on edges in random order, with two threads', async () => {
    const random = new Random(9);
    const [nodes, edges] = [300, 3000];
    const index = (length: number, rows: number) => Int32Array.from({ length }, () => random.int(rows));
    const feed = {
      x: Float32Array.from({ length: nodes * 16 }, () => random.normal()),
      senders: index(edges, nodes),
      receivers: index(edges, nodes),
    };
    const parameters = Float32Array.from({ length: 16 * 16 }, () => 0.3 * random.normal());
    const executable = await device.compile(messageStep());
    const bits = async () => {
      await executable.setState('parameters', parameters);
      const { loss, messages } = await executable.run(feed);
      const state = await executable.getState('parameters');
      return Buffer.concat(
        [loss, messages, state].map(({ buffer, byteOffset, byteLength }) =>
          Buffer.from(buffer, byteOffset, byteLength),
        ),
      );
    };
    const first = await bits();
    for (let i = 1; i < 1000; i++) if (!(await bits()).equals(first)) expect.fail(`run ${i} differs`);
    await executable.dispose();
  });

  it('gives the same bits in another session, and in one that was used before', async () => {
    const feed = {
      x: new Float32Array(64).fill(0.25),
      senders: Int32Array.of(0, 1, 2, 3, 3),
      receivers: Int32Array.of(1, 1, 1, 0, 2),
    };
    const parameters = new Float32Array(256).map((_, i) => Math.sin(i));
    const train = async (executable: Executable) => {
      await executable.setState('parameters', parameters);
      for (let i = 0; i < 20; i++) await executable.run(feed);
      return executable.getState('parameters');
    };
    // Both open: each has a session of its own.
    const [one, other] = [await device.compile(messageStep()), await device.compile(messageStep())];
    const first = await train(one);
    expect(await train(other)).toEqual(first);
    expect(await one.getState('parameters')).toEqual(first);
    await one.dispose();
    await other.dispose();
    const again = await device.compile(messageStep());
    await expect(again.run(feed)).rejects.toThrow('state "parameters" was not set');
    expect(await train(again)).toEqual(first);
    await again.dispose();
  });

  it('plans again for a new index array, and for the same one into another number of segments', async () => {
    const trace = new Trace();
    const x = trace.input('x', ['edges']);
    const index = trace.input('index', ['edges'], 'i32');
    trace.input('nodes', ['nodes']);
    const executable = await device.compile(
      trace.program({ some: o.segmentSum(x, index, 'nodes'), four: o.segmentSum(x, index, 4) }),
    );
    const ones = new Float32Array(3).fill(1);
    const run = async (indices: Int32Array, nodes: number) => {
      const { some, four } = await executable.run({
        x: ones,
        index: indices,
        nodes: new Float32Array(nodes),
      });
      return [[...some], [...four]];
    };
    const indices = Int32Array.of(0, 1, 1);
    expect(await run(indices, 2)).toEqual([
      [1, 2],
      [1, 2, 0, 0],
    ]);
    expect(await run(indices, 3)).toEqual([
      [1, 2, 0],
      [1, 2, 0, 0],
    ]);
    expect(await run(Int32Array.of(2, 2, 2), 3)).toEqual([
      [0, 0, 3],
      [0, 0, 3, 0],
    ]);
    await executable.dispose();
  });

  it('reads gathered rows where they come from, by a plan for each pair of index arrays', async () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes']);
    const [from, index] = ['from', 'index'].map((name) => trace.input(name, ['edges'], 'i32'));
    const program = trace.program({ sum: o.segmentSum(o.gather(x, from), index, 'nodes') });
    const { graph } = lowerProgram(program, { segmentSums: 'buckets' });
    expect(graph.nodes.some(({ inputs }) => inputs.includes('from'))).toBe(false);
    const executable = await device.compile(program);
    const run = async (senders: Int32Array, receivers: Int32Array) => {
      const { sum } = await executable.run({
        x: Float32Array.of(1, 10, 100),
        from: senders,
        index: receivers,
      });
      return [...sum];
    };
    const [a, b] = [Int32Array.of(0, 1, 2, 2), Int32Array.of(1, 1, 0, 2)];
    expect(await run(a, b)).toEqual([100, 11, 100]);
    expect(await run(b, a)).toEqual([10, 10, 101]);
    expect(await run(a, a)).toEqual([1, 10, 200]);
    expect(await run(a, b)).toEqual([100, 11, 100]);
    await executable.dispose();
  });

  it('frees its programs with itself', async () => {
    const own = await createCpuDevice({ threads: 1 });
    const trace = new Trace();
    const executable = await own.compile(trace.program({ y: o.neg(trace.input('x', ['n'])) }));
    await own.dispose();
    await expect(executable.run({ x: Float32Array.of(1) })).rejects.toThrow('disposed');
  });
});

/** A training step of one message-passing layer with weights [16, 16]. */
function messageStep(): Program {
  const trace = new Trace();
  const flat = trace.input('parameters', [256]);
  const x = trace.input('x', ['nodes', 16]);
  const senders = trace.input('senders', ['edges'], 'i32');
  const receivers = trace.input('receivers', ['edges'], 'i32');
  const hidden = o.tanh(o.matmul(x, o.view(flat, 0, [16, 16])));
  const messages = o.segmentSum(o.gather(hidden, senders), receivers, 'nodes');
  const loss = o.mean(o.square(o.sub(messages, x)));
  const [gradient] = gradients(loss, [flat]);
  return trace.program({ loss, messages }, { parameters: o.sub(flat, o.mul(gradient, 0.05)) });
}
