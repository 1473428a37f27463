import { add, gather, matmul, mul, neg, sigmoid, softplus, sum, type Tensor } from '../../tensor/index.ts';
import { segmentMean } from '../aggregation.ts';

/** Node embeddings of graphs, of the same graphs with their nodes' inputs shuffled, and the graph of each node. */
export interface InfomaxTensors {
  /** [nodes, d] */
  real: Tensor;
  corrupted: Tensor;
  /** [nodes] (i32) */
  nodeGraph: Tensor;
  /** [graphs, …] binds the number of graphs. */
  graphs: Tensor;
}

/**
 * Deep Graph Infomax (Veličković et al. 2019, eqs. 1–4), node by node: with the summary s = σ(mean of a graph's real embeddings)
 * and the discriminator D(h) = σ(hᵀ W s), ½ (−log D(real) − log(1 − D(corrupted))) → [nodes, 1]. W [d, d] is learned.
 */
export function infomax(
  { real, corrupted, nodeGraph, graphs }: InfomaxTensors,
  discriminator: Tensor,
): Tensor {
  const summary = sigmoid(segmentMean(real, nodeGraph, graphs.shape[0]));
  const direction = gather(matmul(summary, discriminator, { transposeB: true }), nodeGraph);
  const score = (embeddings: Tensor) => sum(mul(embeddings, direction), [1], true);
  return mul(add(softplus(neg(score(real))), softplus(score(corrupted))), 0.5);
}
