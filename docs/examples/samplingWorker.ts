import { randomStream } from '@etalon/core/base';
import { type Adjacency, gatherRows, NeighbourSampler } from '@etalon/core/graph';
import { runProducer, ShuffledEpochs, writeFlow } from '@etalon/core/train';

/** What a producer thread works from; the arrays are in shared memory. */
export interface SamplingInput {
  adjacency: Adjacency;
  /** [nodes, width] */
  features: Float32Array;
  width: number;
  /** [nodes] */
  labels: Float32Array;
  trainNodes: Int32Array;
  fanouts: readonly number[];
  batchSize: number;
  seed: number;
}

runProducer<SamplingInput>(({ adjacency, features, width, labels, trainNodes, fanouts, batchSize, seed }) => {
  const sampler = new NeighbourSampler(adjacency, fanouts);
  const epochs = new ShuffledEpochs(trainNodes, batchSize, seed);
  return (batch, slot) => {
    const seeds = epochs.batch(batch);
    const flow = sampler.sample(seeds, randomStream(seed, batch));
    writeFlow(flow, slot);
    gatherRows(features, width, flow.nodes, slot.float32('x', flow.nodes.length * width));
    gatherRows(labels, 1, seeds, slot.float32('y', seeds.length));
  };
});
