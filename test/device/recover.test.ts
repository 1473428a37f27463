import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import { onDevice } from '../../core/device/recover.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { gradients, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { RunsAhead } from '../../core/train/runsAhead.ts';
import { countingGpu } from '../support/gpuHandle.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const EPOCHS = 4;
const BATCHES = 6;

/** Weights of a line, by gradient descent. */
function lineProgram() {
  const trace = new Trace();
  const x = trace.input('x', ['rows', 3]);
  const y = trace.input('y', ['rows', 1]);
  const weights = trace.input('weights', [3]);
  const loss = o.mean(o.square(o.sub(o.matmul(x, o.view(weights, 0, [3, 1])), y)));
  const [gradient] = gradients(loss, [weights]);
  return trace.program({ loss }, { weights: o.sub(weights, o.mul(gradient, 0.1)) });
}

function batchOf(epoch: number, batch: number): Feed {
  const random = new Random(100 * epoch + batch);
  const x = Float32Array.from({ length: 3 * 20 }, () => random.normal());
  const y = Float32Array.from({ length: 20 }, (_, i) => x[3 * i] - 2 * x[3 * i + 1] + 0.1 * random.normal());
  return { x, y };
}

/** A training with a checkpoint after each epoch, as models have it; `before` is called before each batch. */
function training(before: (device: Device, epoch: number, batch: number) => void) {
  let checkpoint = { epoch: 0, weights: new Float32Array(3) as Float32Array, loss: Number.NaN };
  const epochsBegun: number[] = [];
  const work = async (device: Device) => {
    const executable = await device.compile(lineProgram());
    await executable.setState('weights', checkpoint.weights);
    for (let { epoch } = checkpoint; epoch < EPOCHS; epoch++) {
      epochsBegun.push(epoch);
      let loss = 0;
      const runs = new RunsAhead(executable);
      for (let batch = 0; batch < BATCHES; batch++) {
        before(device, epoch, batch);
        await runs.start(batchOf(epoch, batch), (outputs) => {
          loss += outputs.loss[0] / BATCHES;
        });
      }
      await runs.end();
      checkpoint = { epoch: epoch + 1, weights: await executable.getState('weights'), loss };
    }
    return checkpoint;
  };
  return { work, epochsBegun };
}

describe.skipIf(noSwiftShader)(`work on a GPU that is lost${skipNote}`, () => {
  const unbroken = async () =>
    onDevice(
      'webgpu:software',
      () => {},
      training(() => {}).work,
      () => createWebGpuDevice({ software: true }),
    );

  it('goes on from the last checkpoint on the GPU opened again, and ends where an unbroken one does', async () => {
    const notes: string[] = [];
    let destroy: (() => void) | undefined;
    const { work, epochsBegun } = training((_device, epoch, batch) => {
      if (epoch !== 2 || batch !== 3) return;
      destroy?.();
      destroy = undefined;
    });
    const ended = await onDevice(
      'webgpu:software',
      (note) => notes.push(note),
      work,
      async () => {
        const { gpu, raw } = await countingGpu();
        const device = await createWebGpuDevice({ software: true, gpu });
        if (notes.length === 0 && epochsBegun.length === 0) destroy = () => raw().destroy();
        return device;
      },
    );
    expect(epochsBegun).toEqual([0, 1, 2, 2, 3]);
    expect(notes).toEqual([
      expect.stringMatching(/was lost \(destroyed\).*last checkpoint on .*SwiftShader/i),
    ]);
    expect(ended).toEqual(await unbroken());
  });

  it('goes on on the CPU when the GPU stays away', async () => {
    const notes: string[] = [];
    let gone = false;
    let raw: (() => GPUDevice) | undefined;
    const { work, epochsBegun } = training((device, epoch, batch) => {
      if (device.kind !== 'webgpu' || epoch !== 1 || batch !== 2) return;
      gone = true;
      raw!().destroy();
    });
    const ended = await onDevice(
      'webgpu:software',
      (note) => notes.push(note),
      work,
      async (choice) => {
        if (choice === 'cpu') return createCpuDevice({ threads: 1 });
        if (gone) throw new Error('no adapter');
        const counted = await countingGpu();
        raw = counted.raw;
        return createWebGpuDevice({ software: true, gpu: counted.gpu });
      },
    );
    expect(epochsBegun).toEqual([0, 1, 1, 2, 3]);
    expect(notes).toEqual([expect.stringMatching(/was lost.*last checkpoint on 1 CPU thread/)]);
    const expected = await unbroken();
    expect(ended.loss).toBeCloseTo(expected.loss, 5);
    for (const [i, weight] of ended.weights.entries()) expect(weight).toBeCloseTo(expected.weights[i], 5);
  });

  it('throws what is no loss', async () => {
    const work = onDevice(
      'cpu',
      () => {},
      () => Promise.reject(new Error('of the work itself')),
    );
    await expect(work).rejects.toThrow('of the work itself');
  });
});
