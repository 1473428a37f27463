import { add, exp, gather, mul, sigmoid, square, sub, sum, type Tensor } from '../../tensor/index.ts';
import { dot } from '../similarity.ts';
import { binaryCrossEntropy } from './binary.ts';

/** Pairs of nodes and whether an edge joins them. */
export interface PairTensors {
  /** [pairs] (i32) */
  first: Tensor;
  second: Tensor;
  /** [pairs, 1] 1 where there is an edge, else 0 */
  edge: Tensor;
}

/** z_i·z_j of each pair, the logit of an edge (graph auto-encoder: Kipf & Welling 2016, eq. 2): [nodes, d] → [pairs, 1]. */
export function edgeLogits(
  embeddings: Tensor,
  { first, second }: Pick<PairTensors, 'first' | 'second'>,
): Tensor {
  return dot(gather(embeddings, first), gather(embeddings, second));
}

/**
 * Squared error of the reconstructed adjacency, (A_ij − Â_ij)² with Â_ij = σ(z_i·z_j), for each pair: embeddings [nodes, d]
 * → [pairs, 1]. The adjacency MSE (1/N²) Σ_ij (A_ij − Â_ij)² is its mean over all N² pairs of a small graph, and the mean
 * over several graphs its mean with the weights of `allPairs`.
 */
export function adjacencyMse(embeddings: Tensor, pairs: PairTensors): Tensor {
  return square(sub(pairs.edge, sigmoid(edgeLogits(embeddings, pairs))));
}

/**
 * Cross-entropy of the reconstructed adjacency on sampled pairs (graph auto-encoder: Kipf & Welling 2016, eq. 3 without
 * its prior): −log Â_ij of edges, −log(1 − Â_ij) of other pairs. Embeddings [nodes, d] → [pairs, 1].
 */
export function adjacencyCrossEntropy(embeddings: Tensor, pairs: PairTensors): Tensor {
  return binaryCrossEntropy(edgeLogits(embeddings, pairs), pairs.edge);
}

/**
 * The prior of a variational graph auto-encoder (Kipf & Welling 2016, eq. 3): KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1) − log σ of each row,
 * [nodes, d] → [nodes, 1].
 */
export function normalPrior(mean: Tensor, logSigma: Tensor): Tensor {
  const variance = exp(mul(logSigma, 2));
  const values = sub(mul(sub(add(square(mean), variance), 1), 0.5), logSigma);
  return sum(values, [1], true);
}
