import { describe, expect, it } from 'vitest';
import { type BenchOptions, benchEngine } from '../../cli/bench/engine.ts';
import { describeBench } from '../../cli/bench/report.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const options: BenchOptions = {
  device: 'cpu',
  graphs: 2,
  nodes: 5,
  edges: 9,
  hidden: 8,
  blocks: 0,
  steps: 2,
  warmUp: 1,
  seed: 1,
  f16: false,
  matrixUnits: false,
  profile: true,
};

describe('the engine benchmark', () => {
  it('times the steps of a device that does not time kernels, and says so', async () => {
    const figures = await benchEngine(options);
    expect(figures.medianStepMs).toBeGreaterThan(0);
    expect(figures.parameters).toBeGreaterThan(1000);
    expect(figures.profile).toBeNull();
    expect(describeBench(figures, options)).toMatch(/Kernels are timed on WebGPU devices/);
  });

  it.skipIf(noSwiftShader)(`times every kernel of a step${skipNote}`, async () => {
    const asked = { ...options, device: 'webgpu:software', peakGbPerS: 2, peakGflops: 3 } as const;
    const figures = await benchEngine(asked);
    const { kernels, families, gpuMsPerStep, peaks } = figures.profile!;
    expect(peaks).toEqual({ gbPerS: 2, gflops: 3, measured: false });
    expect(figures.peakBytes).toBeGreaterThan(figures.parameters * 4 * 10);
    for (const { calls } of kernels) expect(calls % asked.steps).toBe(0);
    for (const list of [kernels, families]) {
      expect(list.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
      expect(list.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(gpuMsPerStep * asked.steps, 6);
    }
    // Of a kernel that is always the same size, the roofline follows from its rates.
    const { gbPerS, gflops, roofline } = kernels[0];
    expect(roofline).toBeCloseTo(Math.max(gbPerS / 2, gflops / 3), 6);
    const text = describeBench(figures, asked);
    expect(text).toMatch(/Family +Calls +Total ms +Share +GB\/s +GFLOP\/s +Roofline/);
    expect(text).toContain('matmul');
  });
});
