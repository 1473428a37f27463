import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { WIDE_TILES } from '../../core/device/webgpu/kernels/matmul/tiles.ts';
import type { Findings } from '../../core/device/webgpu/tuning/store.ts';
import { interpret, type Program, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { GRAPH_KINDS, randomInputs, randomProgram } from '../support/randomProgram.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

async function runOn(
  device: Device,
  program: Program,
  feed: Feed,
  parameters?: Float32Array,
): Promise<Record<string, Float32Array>> {
  const executable = await device.compile(program);
  if (parameters) await executable.setState('parameters', parameters);
  const outputs = await executable.run(feed);
  const state = parameters ? { parameters: await executable.getState('parameters') } : {};
  await executable.dispose();
  return { ...outputs, ...state };
}

describe.skipIf(noSwiftShader)(`fused kernels${skipNote}`, () => {
  let fused: Device;
  let single: Device;
  beforeAll(async () => {
    fused = await createWebGpuDevice({ software: true });
    single = await createWebGpuDevice({ software: true, fusion: false });
  });
  afterAll(async () => {
    await fused?.dispose();
    await single?.dispose();
  });

  it.each(GRAPH_KINDS)('give what kernels of one operation each give: %s', async (kind) => {
    const random = new Random(GRAPH_KINDS.indexOf(kind) + 70);
    const program = randomProgram(random, { operations: 5 });
    const { feed, parameters } = randomInputs(random, kind);
    const expected = await runOn(single, program, feed, parameters);
    const found = await runOn(fused, program, feed, parameters);
    for (const [name, values] of Object.entries(expected))
      expect(relativeError(found[name], values), name).toBeLessThanOrEqual(1e-6);
  });

  it('take a layer with gathered rows, its bias, activation and residual as the reference does', async () => {
    const trace = new Trace();
    const nodes = trace.input('nodes', ['nodes', 20]);
    const edges = trace.input('edges', ['edges', 9]);
    const senders = trace.input('senders', ['edges'], 'i32');
    const receivers = trace.input('receivers', ['edges'], 'i32');
    const weights = trace.input('weights', [20, 9]);
    const bias = trace.input('bias', [9]);
    const messages = o.add(edges, o.relu(o.add(o.matmul(o.gather(nodes, senders), weights), bias)));
    const scaled = o.mul(o.gather(nodes, senders), o.sum(messages, [1], true));
    const incoming = o.tanh(o.segmentSum(scaled, receivers, 'nodes'));
    const program = trace.program({ messages, incoming, largest: o.maxOver(o.square(messages), [1]) });
    const random = new Random(4);
    const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
    const index = () => Int32Array.from({ length: 300 }, () => random.int(3) * random.int(10));
    const feed = {
      nodes: floats(30 * 20),
      edges: floats(300 * 9),
      senders: index(),
      receivers: index(),
      weights: floats(180),
      bias: floats(9),
    };
    const expected = interpret(program, feed).outputs;
    const found = await runOn(fused, program, feed);
    for (const [name, values] of Object.entries(expected))
      expect(relativeError(found[name], values), name).toBeLessThanOrEqual(1e-5);
  });
});

describe.skipIf(noSwiftShader)(`the tuning of kernels${skipNote}`, () => {
  const trace = new Trace();
  const [a, b] = [trace.input('a', ['n', 37]), trace.input('b', ['n', 70])];
  // Its inner axis is cut into parts, which must not begin elsewhere for another tile.
  const program = trace.program({ product: o.matmul(a, b, { transposeA: true }) });
  const random = new Random(6);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const feed = { a: floats(600 * 37), b: floats(600 * 70) };

  const runWith = async (known: Findings) => {
    const saved: Findings[] = [];
    const store = { load: () => known, save: (_adapter: string, found: Findings) => void saved.push(found) };
    const device = await createWebGpuDevice({ software: true, tuning: store });
    const outputs = await runOn(device, program, feed);
    await device.dispose();
    return { outputs, saved };
  };

  it('tries each kernel once, remembers it, and changes no bit of the results', async () => {
    const { outputs, saved } = await runWith({});
    expect(saved).toHaveLength(1);
    const keys = Object.keys(saved[0]);
    expect(keys).toHaveLength(1);
    for (const { label } of WIDE_TILES) {
      const again = await runWith(Object.fromEntries(keys.map((key) => [key, label])));
      expect(again.saved, label).toEqual([]);
      expect(again.outputs, label).toEqual(outputs);
    }
    const expected = interpret(program, feed).outputs;
    for (const [name, values] of Object.entries(expected))
      expect(relativeError(outputs[name], values), name).toBeLessThanOrEqual(1e-5);
  });
});
