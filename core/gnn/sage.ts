import {
  add,
  concat,
  type Dim,
  div,
  gather,
  matmul,
  mul,
  relu,
  slice,
  type Tensor,
} from '../tensor/index.ts';
import { segmentCounts, segmentMean } from './aggregation.ts';
import { type Activation, l2Normalise } from './functions.ts';
import { type Layer, linear } from './layers.ts';
import { type Block, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface SageOptions {
  inputs: number;
  outputs: number;
  /**
   * `pool`: the largest of σ(W_pool h + b) (eq. 3). `gcn`: the mean of a node and its neighbours (eq. 2), nothing beside. `weighted`: Σ α h over
   * the edges [edges, 1] of the state, whose shares α sum to 1 over those that enter a node (Uber Eats: Jain et al. 2019).
   */
  aggregator?: 'mean' | 'pool' | 'gcn' | 'weighted';
  activation?: Activation;
  /** Divides each row by its Euclidean norm (algorithm 1, line 7). */
  normalise?: boolean;
}

/**
 * GraphSAGE (Hamilton et al. 2017, algorithm 1): σ(W · [h_v ‖ aggregate of h_u]). State: nodes [nodes, inputs]. The product with
 * the concatenation is taken as W₂ h_v + W₁ aggregate, which is also how the method is written as pseudo-code:
 * mean → W₁, self → W₂, sum, ReLU.
 */
export function sage(layout: ParameterLayout, name: string, options: SageOptions): Block {
  const { inputs, outputs, aggregator = 'mean', activation = relu, normalise = false } = options;
  const finish = (x: Tensor) => (normalise ? l2Normalise(activation(x)) : activation(x));
  const neighbours = linear(layout, `${name}.neighbours`, inputs, outputs);
  if (aggregator === 'gcn')
    return (weights, structure, state, draws) => {
      const { receivers } = structure;
      const block = messagePassing({
        nodes: (_weights, { nodes, incoming }) => {
          const count = add(segmentCounts(receivers, nodes.shape[0]), 1);
          return finish(neighbours(weights, div(add(incoming, nodes), count)));
        },
      });
      return block(weights, structure, state, draws);
    };

  const self = layout.declare(`${name}.self.kernel`, [inputs, outputs], 'glorot');
  const pool = aggregator === 'pool' ? linear(layout, `${name}.pool`, inputs, inputs) : undefined;
  return (weights, structure, state, draws) => {
    const targets = state.targets ?? state.nodes;
    const block = messagePassing({
      aggregation: pool ? 'max' : aggregator === 'weighted' ? 'sum' : 'mean',
      ...(aggregator === 'weighted' && {
        messages: (_weights, { senders, edges }) => mul(senders, required(edges, 'edges')),
      }),
      nodes: (_weights, { incoming }) =>
        finish(add(matmul(targets, weights(self)), neighbours(weights, incoming))),
    });
    const sent = pool ? relu(pool(weights, state.nodes)) : state.nodes;
    return block(weights, structure, { ...state, nodes: sent, targets }, draws);
  };
}

export interface EdgeSageOptions {
  inputs: number;
  /** Width of the edges' features. */
  edges: number;
  outputs: number;
  /** Numbers g_uv = W e_uv + b by which the message has the neighbour's state once more each, g_uv ⊗ h_u; 0: none, as published. */
  gates?: number;
  activation?: Activation;
}

/**
 * Edge-GraphSAGE, with the edges' features in the message (as in ELR, WSDM 2022): h_N = W₁ mean[h_u ‖ e_uv],
 * h′ = σ(W₂ [h_v ‖ h_N]). State: nodes [nodes, inputs], edges [edges, edges]. The mean of the concatenation is taken as
 * the concatenation of the means: the rows of the nodes are then added without being gathered first.
 */
export function edgeSage(
  layout: ParameterLayout,
  name: string,
  { inputs, edges, outputs, gates = 0, activation = relu }: EdgeSageOptions,
): Block {
  const message: Layer = linear(layout, `${name}.message`, (1 + gates) * inputs + edges, outputs);
  const gate = gates > 0 ? linear(layout, `${name}.gate`, edges, gates) : undefined;
  const self = layout.declare(`${name}.self.kernel`, [inputs, outputs], 'glorot');
  const neighbours = linear(layout, `${name}.neighbours`, outputs, outputs);
  return (weights, structure, state, draws) => {
    const features = required(state.edges, 'edges');
    const { senders, receivers } = structure;
    const block = messagePassing({
      aggregation: 'mean',
      nodes: (_weights, { nodes, incoming }) => {
        const count = nodes.shape[0];
        const parts = [incoming, segmentMean(features, receivers, count)];
        if (gate) parts.push(gatedMean(gate(weights, features), nodes, senders, receivers, count));
        const hidden = message(weights, concat(parts));
        return activation(add(matmul(nodes, weights(self)), neighbours(weights, hidden)));
      },
    });
    return block(weights, structure, state, draws);
  };
}

/** [count, gates · width] mean of g_uv ⊗ h_u over the edges that enter a node. */
function gatedMean(gates: Tensor, nodes: Tensor, senders: Tensor, receivers: Tensor, count: Dim): Tensor {
  const sent = gather(nodes, senders);
  const each = Array.from({ length: Number(gates.shape[1]) }, (_, k) => mul(sent, slice(gates, k, k + 1)));
  return segmentMean(concat(each), receivers, count);
}
