import type { DeviceChoice } from '@etalon/core/device';
import { type Command, Option } from 'commander';
import { type BenchOptions, benchEngine } from '../bench/engine.ts';
import { describeBench } from '../bench/report.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { positive, wholeNumber } from '../values.ts';

const DEVICES: readonly DeviceChoice[] = ['auto', 'cpu', 'webgpu', 'webgpu:software'];

export function addBench(program: Command, parts: Parts): void {
  const bench = program.command('bench').description('measure this machine');
  bench
    .command('engine')
    .description('time the training step of a graph network on a device')
    .addOption(new Option('--device <device>', 'where to run').choices(DEVICES).default('auto'))
    .option('--graphs <n>', 'graphs of a batch', wholeNumber, 64)
    .option('--nodes <n>', 'nodes of a graph', wholeNumber, 50)
    .option('--edges <n>', 'edges of a graph', wholeNumber, 125)
    .option('--hidden <n>', 'width of states and layers', wholeNumber, 64)
    .option('--blocks <n>', 'blocks after the first', wholeNumber, 2)
    .option('--steps <n>', 'timed steps', wholeNumber, 30)
    .option('--warm-up <n>', 'steps before them', wholeNumber, 5)
    .option('--seed <n>', 'of batches and parameters', wholeNumber, 1)
    .option('--f16', 'keep rows of the forward half in half precision (GPU)', false)
    .option('--matrix-units', 'with --f16: try the experimental matrix units', false)
    .option('--profile', 'time each kernel by itself', false)
    .option('--peak-gb-per-s <n>', "the device's memory bandwidth; measured by default", positive)
    .option('--peak-gflops <n>', "the device's speed; measured by default", positive)
    .addHelpText('after', '\nExample:\n  etalon bench engine --device webgpu --profile')
    .action(
      carriedOut(parts, async ({ out }, options: BenchOptions) => {
        const figures = await benchEngine(options);
        out.say(describeBench(figures, options));
        return { ...figures };
      }),
    );
}
