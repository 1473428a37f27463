import { bytes, count, pairs, percent, table } from '../format.ts';
import type { BenchFigures, BenchOptions, KernelFigures } from './engine.ts';

/** Kernels listed by themselves; the rest is in the families' lines. */
const LISTED = 40;
const NAME_WIDTH = 44;

/** The figures of an engine benchmark for a person. */
export function describeBench(figures: BenchFigures, options: BenchOptions): string {
  const { graphs, nodes, edges, hidden, blocks, steps, profile: asked } = options;
  const head = pairs([
    ['Device', figures.device],
    [
      'Step',
      `graph network of ${blocks + 1} blocks, width ${hidden}, ${count(figures.parameters)} parameters; ${graphs} graphs of ${nodes} nodes and ${edges} edges`,
    ],
    [
      'Time',
      `median ${figures.medianStepMs.toFixed(2)} ms, mean ${figures.meanStepMs.toFixed(2)} ms over ${steps} steps`,
    ],
    ...(figures.peakBytes === null ? [] : [['Memory', `${bytes(figures.peakBytes)} on the device`] as const]),
  ]);
  const { profile } = figures;
  if (!profile)
    return asked ? `${head}\nKernels are timed on WebGPU devices that have time stamps; this is none.` : head;
  const { peaks, gpuMsPerStep, kernels, families } = profile;
  const peakLine = `Peaks: ${peaks.gbPerS.toFixed(0)} GB/s, ${count(Math.round(peaks.gflops))} GFLOP/s${peaks.measured ? ' (measured by a copy and a product where not given)' : ''}; all kernels of a step ${gpuMsPerStep.toFixed(3)} ms`;
  const rest = kernels.length > LISTED ? `\n… and ${kernels.length - LISTED} shorter ones.` : '';
  return [
    head,
    peakLine,
    kernelTable('Family', families),
    `${kernelTable('Kernel', kernels.slice(0, LISTED))}${rest}`,
  ].join('\n\n');
}

function kernelTable(title: string, kernels: readonly KernelFigures[]): string {
  return table(
    [title, 'Calls', 'Total ms', 'Share', 'GB/s', 'GFLOP/s', 'Roofline'],
    kernels.map(({ name, calls, ms, share, gbPerS, gflops, roofline }) => [
      name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name,
      count(calls),
      ms.toFixed(3),
      percent(share),
      gbPerS.toFixed(1),
      gflops.toFixed(1),
      percent(roofline),
    ]),
  );
}
