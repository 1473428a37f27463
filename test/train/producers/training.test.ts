import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import { incomingNeighbours } from '../../../core/graph/index.ts';
import { Producers, shareColumns } from '../../../core/train/producers/index.ts';
import { awkwardGraph } from '../../support/awkwardGraph.ts';
import type { SageProducerInput } from '../../support/sageProducer.ts';
import { meansOfNeighbours, regressionFields, sageTrainer } from '../../support/sageRegression.ts';

const NODES = 500;
const STEPS = 150;
const WIDTHS = [6, 12, 12];
const FANOUTS = [4, 3];
const BATCH = 40;

/** Trains on batches that so many threads make. */
async function train(threads: number): Promise<{ parameters: Float32Array; losses: number[] }> {
  const random = new Random(1);
  const adjacency = incomingNeighbours(awkwardGraph(random, { nodes: NODES, hub: 300 }));
  const features = Float32Array.from({ length: NODES * WIDTHS[0] }, () => random.normal());
  const labels = meansOfNeighbours(adjacency, features, WIDTHS[0]);
  const input: SageProducerInput = {
    ...shareColumns({ features, labels }),
    adjacency: shareColumns(adjacency),
    width: WIDTHS[0],
    fanouts: FANOUTS,
    batchSize: BATCH,
    seed: 7,
  };
  const device = await createCpuDevice({ threads: 1 });
  const trainer = await sageTrainer(device, WIDTHS, { learningRate: 0.01, seed: 2 });
  const producers = new Producers({
    module: new URL('../../support/sageProducer.ts', import.meta.url),
    input,
    threads,
    slots: 3,
    fields: regressionFields(NODES, BATCH, FANOUTS, WIDTHS[0]),
    first: 0,
    end: STEPS,
    signal: quietContext.signal,
  });
  try {
    const losses: number[] = [];
    for await (const batch of producers.take(STEPS)) losses.push(await trainer.step(batch));
    return { parameters: await trainer.parameters(), losses };
  } finally {
    await producers.close();
    await device.dispose();
  }
}

describe('training on sampled neighbourhoods', () => {
  it('learns, and ends with the same bits however many threads make the batches', async () => {
    const [one, two, three] = [await train(1), await train(2), await train(3)];
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    const average = (losses: number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(average(one.losses.slice(-20))).toBeLessThan(0.3 * average(one.losses.slice(0, 20)));
  });
});
