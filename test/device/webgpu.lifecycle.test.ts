import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GpuContext } from '../../core/device/webgpu/context.ts';
import { openDawn } from '../../core/device/webgpu/dawn.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { countingGpu } from '../support/gpuHandle.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

/** total += Σ x, y = 2x + 1 gathered and summed by segment. */
function smallProgram() {
  const trace = new Trace();
  const x = trace.input('x', ['n', 3]);
  const index = trace.input('index', ['m'], 'i32');
  const total = trace.input('total', []);
  const y = o.add(o.mul(x, 2), trace.constant([1, 2, 3], [3]));
  const summed = o.segmentSum(o.gather(y, index), index, 'n');
  return trace.program({ y, summed }, { total: o.add(total, o.sum(x)) });
}

function batch(n: number, m: number) {
  return {
    x: Float32Array.from({ length: 3 * n }, (_, i) => i % 7),
    index: Int32Array.from({ length: m }, (_, i) => (i * 5) % n),
  };
}

describe.skipIf(noSwiftShader)(`the life of a WebGPU device${skipNote}`, () => {
  let kept: GPU;
  beforeAll(async () => {
    kept = (await openDawn(true))!.gpu;
  });
  afterAll(() => {
    expect(kept).toBeDefined();
  });

  it('takes a software adapter only when asked', async () => {
    const { gpu } = await countingGpu();
    await expect(createWebGpuDevice({ gpu })).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('software renderer'),
    });
  });

  it('says when there is no adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await expect(createWebGpuDevice({ gpu })).rejects.toMatchObject({
      code: 'device',
      remedy: expect.stringContaining('cpu'),
    });
  });

  it('frees the buffers of a program, and of the device', async () => {
    const { gpu, live } = await countingGpu();
    const device = await createWebGpuDevice({ software: true, gpu });
    expect(device.description).toMatch(/swiftshader.*software/i);
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(0));
    await executable.run(batch(10, 20));
    expect(live.size).toBeGreaterThan(8);
    await executable.dispose();
    expect([...live].filter((label) => !label.startsWith('results'))).toEqual([]);
    await device.dispose();
    expect([...live]).toEqual([]);
    await expect(device.compile(smallProgram())).rejects.toMatchObject({ code: 'device' });
  });

  it('makes no new buffers for batches of sizes like those before', async () => {
    const { gpu, made } = await countingGpu();
    const device = await createWebGpuDevice({ software: true, gpu });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(0));
    for (const n of [50, 80, 120, 60]) await executable.run(batch(n, 3 * n));
    const before = made.length;
    for (let n = 41; n <= 120; n += 7) await executable.run(batch(n, 2 * n + 11));
    expect(made.slice(before)).toEqual([]);
    await device.dispose();
  });

  it('tells the runs under way and all later ones that the GPU was lost', async () => {
    const { gpu, raw } = await countingGpu();
    const device = await createWebGpuDevice({ software: true, gpu });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(0));
    await executable.run(batch(5, 9));
    const pending = executable.run(batch(5, 9));
    raw().destroy();
    const lost = {
      name: 'EtalonError',
      code: 'device',
      message: expect.stringContaining('was lost (destroyed)'),
    };
    await expect(pending).rejects.toMatchObject(lost);
    await expect(executable.run(batch(5, 9))).rejects.toMatchObject(lost);
    await expect(executable.getState('total')).rejects.toMatchObject(lost);
    await expect(executable.setState('total', Float32Array.of(1))).rejects.toMatchObject(lost);
    await expect(device.compile(smallProgram())).rejects.toMatchObject(lost);
    await device.dispose();
  });

  it('keeps state and works on after a batch that was too large or wrong', async () => {
    const device = await createWebGpuDevice({ software: true });
    const trace = new Trace();
    const row = trace.input('row', [1, 'n']);
    const column = trace.input('column', ['n', 1]);
    const runs = trace.input('runs', []);
    const table = o.exp(o.mul(row, column));
    const product = o.sum(table, [1]);
    const executable = await device.compile(trace.program({ product, table }, { runs: o.add(runs, 1) }));
    await executable.setState('runs', Float32Array.of(0));
    const feed = (n: number) => ({ row: new Float32Array(n), column: new Float32Array(n) });
    await executable.run(feed(3));
    await expect(executable.run(feed(40_000))).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('MiB'),
    });
    expect([...(await executable.run(feed(3))).product]).toEqual([3, 3, 3]);
    expect([...(await executable.getState('runs'))]).toEqual([2]);
    await device.dispose();
  });

  it('reports what the GPU refused, and works on with the state of before', async () => {
    const { gpu, raw } = await countingGpu();
    const device = await createWebGpuDevice({ software: true, gpu });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(5));
    const first = await executable.run({ x: Float32Array.of(1, 2, 3), index: Int32Array.of(0) });
    const wrong = executable.run({ x: Float32Array.of(1, 2, 3), index: Int32Array.of(0) });
    const [mapRead, storage] = [0x1, 0x80];
    raw().createBuffer({ label: 'wrong', size: 4, usage: mapRead | storage });
    await expect(wrong).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('WebGPU'),
    });
    expect([...(await executable.getState('total'))]).toEqual([11]);
    const again = await executable.run({ x: Float32Array.of(1, 2, 3), index: Int32Array.of(0) });
    expect(again).toEqual(first);
    expect([...(await executable.getState('total'))]).toEqual([17]);
    await device.dispose();
  });

  it('sees that an index array was overwritten between runs', async () => {
    const device = await createWebGpuDevice({ software: true });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(0));
    const x = new Float32Array(9);
    const index = Int32Array.of(0, 0, 2);
    expect([...(await executable.run({ x, index })).summed]).toEqual([2, 4, 6, 0, 0, 0, 1, 2, 3]);
    index.set([1, 2, 2]);
    expect([...(await executable.run({ x, index })).summed]).toEqual([0, 0, 0, 1, 2, 3, 2, 4, 6]);
    index[0] = 3;
    await expect(executable.run({ x, index })).rejects.toThrow('"index"');
    await device.dispose();
  });

  it('says that memory ran out and what to do, keeps the state, and works on with less', async () => {
    const { gpu, raw } = await countingGpu();
    const device = await createWebGpuDevice({ software: true, gpu });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(7));
    const pop = raw().popErrorScope.bind(raw());
    let failures = 1;
    raw().popErrorScope = async () => {
      const error = await pop();
      return failures-- > 0 ? ({ message: 'no memory left' } as GPUError) : error;
    };
    await expect(executable.run(batch(50, 90))).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('out of memory: no memory left'),
      remedy: expect.stringContaining('smaller batches'),
    });
    const { y } = await executable.run({ x: Float32Array.of(1, 2, 3), index: Int32Array.of(0) });
    expect([...y]).toEqual([3, 6, 9]);
    expect([...(await executable.getState('total'))]).toEqual([13]);
    await device.dispose();
  });

  it('times each kernel of a run, which counts as one', async () => {
    const device = await createWebGpuDevice({ software: true });
    const executable = await device.compile(smallProgram());
    await executable.setState('total', Float32Array.of(0));
    const kernels = await executable.profile!(batch(40, 60));
    expect(kernels.map(({ family }) => family)).toContain('segmentSum');
    for (const { ms, bytes } of kernels) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(bytes).toBeGreaterThan(0);
    }
    expect(kernels.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(0);
    const { x } = batch(40, 60);
    const total = x.reduce((sum, value) => sum + value, 0);
    expect([...(await executable.getState('total'))]).toEqual([total]);
    expect(executable.peakBytes).toBeGreaterThan(40 * 3 * 4);
    await device.dispose();
  });

  it('names the kernel that does not compile', async () => {
    const { adapter } = (await openDawn(true))!;
    const context = new GpuContext(await adapter.requestDevice(), 'SwiftShader');
    const kernel = { reads: [], writes: [], parameters: [], workgroups: () => 1 };
    const broken = { ...kernel, name: 'matmul %3', source: 'fn main() { let x = 1u + 1f; }' };
    await expect(context.pipeline(broken)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/kernel matmul %3 does not compile.*1u \+ 1f/s),
    });
    context.check();
    context.destroy();
  });
});
