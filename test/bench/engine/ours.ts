import { createInterface } from 'node:readline';
import { Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import { type Device, type DeviceChoice, type Executable, openDevice } from '../../../core/device/index.ts';
import { matmul, Trace } from '../../../core/tensor/index.ts';
import { type BenchCase, benchCase, type Model, type Size } from './cases.ts';

/** The engine's side of the benchmark: a process that answers JSON lines as `peers/torch_step.py` does. */
export interface LoadRequest {
  op: 'load';
  model: Model;
  size: Size;
  hidden: number;
  seed: number;
  threads: number;
  device: DeviceChoice;
}
type Request = LoadRequest | { op: 'run'; steps: number } | { op: 'peak' } | { op: 'memory' };

/** A product of this size shows what a device computes at best. */
const PROBE = 1024;

let device: Device;
let executable: Executable;
let loaded: BenchCase;
let step = 0;

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line))));

async function answer(request: Request): Promise<object> {
  switch (request.op) {
    case 'load':
      return load(request);
    case 'run':
      return run(request.steps);
    case 'peak':
      return { gflops: await peakGflops() };
    case 'memory':
      return { peakMb: process.resourceUsage().maxRSS / 1024 };
    default:
      throw request satisfies never;
  }
}

async function load({ model, size, hidden, seed, threads, device: choice }: LoadRequest): Promise<object> {
  device = choice === 'cpu' ? await createCpuDevice({ threads }) : await openDevice(choice);
  loaded = benchCase(model, size, hidden, new Random(seed));
  executable = await device.compile(loaded.program);
  for (const [name, values] of Object.entries(loaded.state)) await executable.setState(name, values);
  return { ready: true, device: device.description };
}

async function run(steps: number): Promise<object> {
  const ms: number[] = [];
  let loss = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    const outputs = await executable.run(loaded.feed(++step));
    ms.push(performance.now() - started);
    if (i === 0) loss = outputs.loss[0];
  }
  return { ms, loss };
}

/** GFLOP/s of a large product: the best of a few. */
async function peakGflops(): Promise<number> {
  const trace = new Trace();
  const square = [PROBE, PROBE];
  const probe = await device.compile(
    trace.program({ product: matmul(trace.input('a', square), trace.input('b', square)) }),
  );
  const values = new Float32Array(PROBE * PROBE).fill(0.5);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i++) {
    const started = performance.now();
    await probe.run({ a: values, b: values });
    best = Math.min(best, performance.now() - started);
  }
  await probe.dispose();
  return (2 * PROBE ** 3) / best / 1e6;
}
