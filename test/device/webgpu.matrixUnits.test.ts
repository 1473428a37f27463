import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { GpuContext } from '../../core/device/webgpu/context.ts';
import { openDawn } from '../../core/device/webgpu/dawn.ts';
import { lower } from '../../core/device/webgpu/plan/lower.ts';
import { matrixUnitsAreRight } from '../../core/device/webgpu/proof.ts';
import { graphNetworkStep } from '../../core/train/index.ts';
import { nullGpu } from '../support/nullGpu.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const sizes = { graphs: 2, nodes: 6, edges: 14, hidden: 32, blocks: 0 };

describe('products by matrix units', () => {
  it.each([
    { m: 16, n: 16, k: 16 },
    { m: 16, n: 8, k: 16 },
    { m: 8, n: 8, k: 8 },
  ])('are valid WGSL for units of $m × $n × $k', async (shape) => {
    const { context, gpu } = await nullGpu([
      'shader-f16',
      'subgroups',
      'chromium-experimental-subgroup-matrix',
    ]);
    const { program } = graphNetworkStep(sizes, new Random(1));
    const plan = lower(program, { maxBindings: 8, half: 'f16', matrixUnits: { shape, subgroupLanes: 32 } });
    const sources = plan.kernels.flatMap(({ variants }) =>
      variants.filter(({ label }) => label === 'matrix units').map(({ source }) => source),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const code of new Set(sources)) {
      const { messages } = await context.handle.createShaderModule({ code }).getCompilationInfo();
      expect(messages.map(({ message, lineNum }) => `${message} (${code.split('\n')[lineNum - 1]})`)).toEqual(
        [],
      );
    }
    context.destroy();
    expect(gpu).toBeDefined();
  });

  it.skipIf(noSwiftShader)(`are not offered where they do not work${skipNote}`, async () => {
    const opened = (await openDawn(true, true))!;
    const context = new GpuContext(await opened.adapter.requestDevice(), 'SwiftShader');
    const units = { shape: { m: 16, n: 16, k: 16 }, subgroupLanes: 4 };
    expect(await matrixUnitsAreRight(context, { maxBindings: 8, oneTile: true }, units)).toBe(false);
    context.check();
    context.destroy();
    expect(opened.gpu).toBeDefined();
  });

  it('are taken only where they were measured to be faster', () => {
    const { program } = graphNetworkStep(sizes, new Random(1));
    const shape = { m: 16, n: 16, k: 16 };
    const plan = lower(program, { maxBindings: 8, half: 'f16', matrixUnits: { shape, subgroupLanes: 32 } });
    const bound = new Map(Object.entries({ edges: 100_000, nodes: 40_000, graphs: 1000 }));
    for (const [symbol, value] of plan.derived) bound.set(symbol, value(bound));
    for (const { variants, choose } of plan.kernels)
      expect(variants[choose(bound)].label).not.toBe('matrix units');
  });
});
