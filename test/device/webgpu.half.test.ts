import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { lower } from '../../core/device/webgpu/plan/lower.ts';
import type { Plan } from '../../core/device/webgpu/plan/plan.ts';
import { graphNetworkStep } from '../../core/train/index.ts';
import { nullGpu } from '../support/nullGpu.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const sizes = { graphs: 3, nodes: 6, edges: 14, hidden: 16, blocks: 0 };
/** What half precision may change: the loss of a step, and the norm of its gradient. */
const LOSS_TOLERANCE = 5e-3;
const GRADIENT_TOLERANCE = 2e-2;

describe('half-precision storage', () => {
  it('moves fewer bytes, and leaves outputs and gradients as they are', () => {
    const { program } = graphNetworkStep({ ...sizes, hidden: 64, blocks: 2 }, new Random(1));
    const full = lower(program, { maxBindings: 12 });
    const half = lower(program, { maxBindings: 12, half: 'f16' });
    const traffic = ({ kernels, storage, derived }: Plan) => {
      const bound = new Map(Object.entries({ edges: 8000, nodes: 3200, graphs: 64 }));
      for (const entry of storage)
        if (entry.kind === 'segments') bound.set(entry.chunks, 0).set(entry.hubs, 0);
      for (const [symbol, value] of derived) bound.set(symbol, value(bound));
      return kernels.reduce((sum, { cost }) => sum + cost(bound).bytes, 0);
    };
    expect(traffic(half)).toBeLessThan(0.85 * traffic(full));
    const slotBytes = (plan: Plan, root: number) => {
      const storage = plan.storage[root];
      return storage.kind === 'slot' ? plan.slots[storage.slot].bytes : 4;
    };
    for (const { place } of half.outputs) expect(slotBytes(half, place.root)).toBe(4);
    expect(full.slots.every(({ bytes }) => bytes === 4)).toBe(true);
  });

  it('has kernels that are valid where an adapter has f16', async () => {
    const { context, gpu } = await nullGpu(['shader-f16', 'subgroups']);
    const { program } = graphNetworkStep(sizes, new Random(1));
    const { kernels } = lower(program, { maxBindings: 8, half: 'f16', oneTile: true, subgroupLanes: 32 });
    expect(
      kernels.filter(({ variants }) => variants[0].source.includes('array<f16>')).length,
    ).toBeGreaterThan(10);
    await Promise.all(
      kernels.map(({ name, reads, writes, variants: [{ source }] }) =>
        context.pipeline({ name, reads, writes, source }),
      ),
    );
    context.check();
    context.destroy();
    expect(gpu).toBeDefined();
  });

  it.skipIf(noSwiftShader)(`changes a training by less than its tolerance${skipNote}`, async () => {
    const losses = async (f16: boolean) => {
      const device = await createWebGpuDevice({ software: true, f16 });
      const { program, state, feed } = graphNetworkStep(sizes, new Random(2));
      const executable = await device.compile(program);
      for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
      const steps: { loss: number; gradientNorm: number }[] = [];
      for (let step = 1; step <= 12; step++) {
        const { loss, gradientNorm } = await executable.run(feed(step));
        steps.push({ loss: loss[0], gradientNorm: gradientNorm[0] });
      }
      await device.dispose();
      return steps;
    };
    const [full, half] = [await losses(false), await losses(true)];
    expect(half).not.toEqual(full);
    for (const [i, { loss, gradientNorm }] of half.entries()) {
      expect(Math.abs(loss / full[i].loss - 1)).toBeLessThan(LOSS_TOLERANCE);
      expect(Math.abs(gradientNorm / full[i].gradientNorm - 1)).toBeLessThan(GRADIENT_TOLERANCE);
    }
    expect(half[11].loss).toBeLessThan(half[3].loss);
  });
});
