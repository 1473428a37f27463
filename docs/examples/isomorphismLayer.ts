import { type GraphTensors, mlp, type ParameterLayout, type Weights } from '@etalon/core/gnn';
import { add, gather, mul, segmentSum, type Tensor } from '@etalon/core/tensor';

/**
 * Graph isomorphism layer (Xu et al. 2019, eq. 4.1): h′ᵥ = MLP((1 + ε) hᵥ + Σᵤ hᵤ) over the u with an edge u → v. Nodes
 * [nodes, inputs] → [nodes, last of widths]; ε is learned and starts at 0.
 */
export function isomorphismLayer(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  widths: readonly number[],
) {
  const epsilon = layout.declare(`${name}.epsilon`, [1], 'zeros');
  const update = mlp(layout, `${name}.update`, inputs, widths);
  return (weights: Weights, { senders, receivers }: GraphTensors, nodes: Tensor): Tensor => {
    const own = mul(nodes, add(weights(epsilon), 1));
    const neighbours = segmentSum(gather(nodes, senders), receivers, 'nodes');
    return update(weights, add(own, neighbours));
  };
}
