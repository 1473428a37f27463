import { add, matmul, mul, relu } from '../tensor/index.ts';
import type { Activation } from './functions.ts';
import { type Block, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface GcnOptions {
  inputs: number;
  outputs: number;
  activation?: Activation;
}

/**
 * Graph convolution (Kipf & Welling 2017, eq. 2): σ(D̃^−½ Ã D̃^−½ X W + b) with Ã = A + I. State: nodes [nodes, inputs];
 * edges [edges, 1] their weights, where they are not all 1. Structure: `nodeScale`, by `gcnScale`. The loops of Ã need
 * no edges, and D̃^−½ is taken to the nodes before and after the sum, instead of to every edge.
 */
export function gcn(
  layout: ParameterLayout,
  name: string,
  { inputs, outputs, activation = relu }: GcnOptions,
): Block {
  const kernel = layout.declare(`${name}.kernel`, [inputs, outputs], 'glorot');
  const bias = layout.declare(`${name}.bias`, [outputs], 'zeros');
  return (weights, structure, state, draws) => {
    const scale = required(structure.nodeScale, 'nodeScale');
    const scaled = mul(matmul(state.nodes, weights(kernel)), scale);
    const block = messagePassing({
      messages: (_weights, { senders, edges }) => (edges ? mul(senders, edges) : senders),
      nodes: (_weights, { nodes, incoming }) =>
        activation(add(mul(add(incoming, nodes), scale), weights(bias))),
    });
    return block(weights, structure, { ...state, nodes: scaled }, draws);
  };
}
