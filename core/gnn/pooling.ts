import { type Dim, mul, segmentSum, sigmoid, type Tensor } from '../tensor/index.ts';
import { linear } from './layers.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

/**
 * Gated attention read-out (Li et al. 2016, eq. 7, in the form of Gilmer et al. 2017, eq. 4): Σ σ(gate(x)) ⊙ value(x)
 * over the nodes of each graph. x [nodes, inputs], for the papers' form the last states beside the first; result
 * [graphs, outputs], 0 for a graph without nodes. Sums, means and largest values are {@link aggregate}.
 */
export function gatedReadout(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  outputs: number,
): (weights: Weights, x: Tensor, nodeGraph: Tensor, graphs: Dim) => Tensor {
  const gate = linear(layout, `${name}.gate`, inputs, outputs);
  const value = linear(layout, `${name}.value`, inputs, outputs);
  return (weights, x, nodeGraph, graphs) =>
    segmentSum(mul(sigmoid(gate(weights, x)), value(weights, x)), nodeGraph, graphs);
}
