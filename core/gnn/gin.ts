import { add, mul, relu } from '../tensor/index.ts';
import type { Activation } from './functions.ts';
import { linear } from './layers.ts';
import { type Block, messagePassing } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface GinOptions {
  inputs: number;
  outputs: number;
  activation?: Activation;
}

/**
 * Graph isomorphism network (Xu et al. 2019, eq. 4.1): σ(MLP((1 + ε) h_v + Σ h_u)), ε learned from 0 on, the MLP of two layers as wide
 * as what comes out. Sums tell how many neighbours there are, which means and largest values do not. State: nodes [nodes, inputs].
 */
export function gin(
  layout: ParameterLayout,
  name: string,
  { inputs, outputs, activation = relu }: GinOptions,
): Block {
  const epsilon = layout.declare(`${name}.epsilon`, [1], 'zeros');
  const hidden = linear(layout, `${name}.hidden`, inputs, outputs);
  const last = linear(layout, `${name}.last`, outputs, outputs);
  return messagePassing({
    nodes: (weights, { nodes, incoming }) => {
      const summed = add(mul(nodes, add(weights(epsilon), 1)), incoming);
      return activation(last(weights, relu(hidden(weights, summed))));
    },
  });
}
