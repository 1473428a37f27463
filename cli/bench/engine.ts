import { Random } from '@etalon/core/base';
import { type DeviceChoice, type Executable, type KernelTime, openDevice } from '@etalon/core/device';
import { type GraphNetworkSizes, graphNetworkStep, RunsAhead } from '@etalon/core/train';
import { measurePeaks, type Peaks } from './peaks.ts';

export interface BenchOptions extends GraphNetworkSizes {
  device: DeviceChoice;
  /** Timed steps, and steps before them. */
  steps: number;
  warmUp: number;
  seed: number;
  /** Keep rows of the forward half in half precision; GPUs only. */
  f16: boolean;
  /** With f16: try the adapter's experimental matrix units. */
  matrixUnits: boolean;
  /** Time kernels one by one, too. */
  profile: boolean;
  /** Peak figures where they are known; the others are measured. */
  peakGbPerS?: number;
  peakGflops?: number;
}

/** One kernel of the step, over all profiled steps. */
export interface KernelFigures {
  name: string;
  family: string;
  calls: number;
  ms: number;
  /** Of the time of all kernels. */
  share: number;
  gbPerS: number;
  gflops: number;
  /** The least time that its bytes or its operations take at the peaks, over the time that it took. */
  roofline: number;
}

export interface BenchFigures {
  device: string;
  parameters: number;
  /** Milliseconds: half of the steps took less; the mean counts all that runs beside them. */
  medianStepMs: number;
  meanStepMs: number;
  /** Bytes of device memory; null where the device does not know. */
  peakBytes: number | null;
  /** Null where kernels were not timed. */
  profile: { peaks: Peaks; gpuMsPerStep: number; kernels: KernelFigures[]; families: KernelFigures[] } | null;
}

/** Trains a graph network on random batches and tells how long its steps take and what of that each kernel took. */
export async function benchEngine(options: BenchOptions): Promise<BenchFigures> {
  const { f16, matrixUnits } = options;
  const device = await openDevice(options.device, { f16, matrixUnits });
  try {
    const { program, parameters, state, feed } = graphNetworkStep(options, new Random(options.seed));
    const executable = await device.compile(program);
    for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
    const times = await timeSteps(executable, feed, options);
    const profile =
      options.profile && executable.profile
        ? await profileSteps(executable, feed, options, await measurePeaks(device, options))
        : null;
    return {
      device: device.description,
      parameters,
      ...times,
      peakBytes: executable.peakBytes ?? null,
      profile,
    };
  } finally {
    await device.dispose();
  }
}

type FeedOf = ReturnType<typeof graphNetworkStep>['feed'];

/** Steps as training makes them: the next is handed over before the last has ended. */
async function timeSteps(executable: Executable, feed: FeedOf, { warmUp, steps }: BenchOptions) {
  const runs = new RunsAhead(executable);
  for (let step = 1; step <= warmUp; step++) await runs.start(feed(step), () => {});
  await runs.end();
  const ms: number[] = [];
  const started = performance.now();
  let before = started;
  for (let step = 1; step <= steps; step++) {
    await runs.start(feed(warmUp + step), () => {});
    if (step > 1) ms.push(performance.now() - before);
    before = performance.now();
  }
  await runs.end();
  ms.push(performance.now() - before);
  ms.sort((a, b) => a - b);
  return { medianStepMs: ms[Math.floor(ms.length / 2)], meanStepMs: (performance.now() - started) / steps };
}

async function profileSteps(
  executable: Executable,
  feed: FeedOf,
  { warmUp, steps }: BenchOptions,
  peaks: Peaks,
): Promise<NonNullable<BenchFigures['profile']>> {
  const times: KernelTime[] = [];
  for (let step = 1; step <= steps; step++)
    times.push(...(await executable.profile!(feed(warmUp + steps + step))));
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  return {
    peaks,
    gpuMsPerStep: total / steps,
    kernels: figures(times, ({ name }) => name, total, peaks),
    families: figures(times, ({ family }) => family, total, peaks),
  };
}

function figures(
  times: readonly KernelTime[],
  keyOf: (time: KernelTime) => string,
  total: number,
  peaks: Peaks,
): KernelFigures[] {
  const groups = Map.groupBy(times, keyOf);
  const all = [...groups].map(([name, group]) => {
    const sum = (field: 'ms' | 'bytes' | 'flops') => group.reduce((s, time) => s + time[field], 0);
    const ms = sum('ms');
    const leastMs = group.reduce((s, time) => s + leastMsOf(time, peaks), 0);
    const seconds = ms / 1000;
    return {
      name,
      family: group[0].family,
      calls: group.length,
      ms,
      share: total > 0 ? ms / total : 0,
      gbPerS: seconds > 0 ? sum('bytes') / 1e9 / seconds : 0,
      gflops: seconds > 0 ? sum('flops') / 1e9 / seconds : 0,
      roofline: ms > 0 ? leastMs / ms : 0,
    };
  });
  return all.sort((a, b) => b.ms - a.ms);
}

function leastMsOf({ bytes, flops }: KernelTime, { gbPerS, gflops }: Peaks): number {
  return Math.max(bytes / 1e6 / gbPerS, flops / 1e6 / gflops);
}
