import { randomStream } from '../../core/base/index.ts';
import { type Adjacency, gatherRows, NeighbourSampler } from '../../core/graph/index.ts';
import { runProducer, ShuffledEpochs, writeFlow } from '../../core/train/producers/index.ts';

/** Batches of a regression on sampled neighbourhoods: a flow's inputs, `x` and `y`. */
export interface SageProducerInput {
  adjacency: Adjacency;
  /** [nodes, width] */
  features: Float32Array;
  width: number;
  /** [nodes] */
  labels: Float32Array;
  fanouts: readonly number[];
  batchSize: number;
  seed: number;
}

runProducer<SageProducerInput>(({ adjacency, features, width, labels, fanouts, batchSize, seed }) => {
  const sampler = new NeighbourSampler(adjacency, fanouts);
  const nodes = Int32Array.from({ length: adjacency.rows }, (_, node) => node);
  const epochs = new ShuffledEpochs(nodes, batchSize, seed);
  return (batch, slot) => {
    const seeds = epochs.batch(batch);
    const flow = sampler.sample(seeds, randomStream(seed, batch));
    writeFlow(flow, slot);
    gatherRows(features, width, flow.nodes, slot.float32('x', flow.nodes.length * width));
    gatherRows(labels, 1, seeds, slot.float32('y', seeds.length));
  };
});
