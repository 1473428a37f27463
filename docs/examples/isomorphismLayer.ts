import { type Block, messagePassing, mlp, type ParameterLayout } from '@etalon/core/gnn';
import { add, mul } from '@etalon/core/tensor';

/**
 * Graph isomorphism layer (Xu et al. 2019, eq. 4.1): h′ᵥ = MLP((1 + ε) hᵥ + Σᵤ hᵤ) over the u with an edge u → v. State: nodes
 * [nodes, inputs] → [nodes, last of widths]; ε is learned and starts at 0.
 */
export function isomorphismLayer(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  widths: readonly number[],
): Block {
  const epsilon = layout.declare(`${name}.epsilon`, [1], 'zeros');
  const update = mlp(layout, `${name}.update`, inputs, widths);
  return messagePassing({
    nodes: (weights, { nodes, incoming }) =>
      update(weights, add(mul(nodes, add(weights(epsilon), 1)), incoming)),
  });
}
