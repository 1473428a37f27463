import {
  add,
  div,
  exp,
  gather,
  matmul,
  mean,
  mul,
  relu,
  reshape,
  segmentMax,
  segmentSum,
  stopGradient,
  sub,
  type Tensor,
} from '../tensor/index.ts';
import { type Activation, leakyRelu } from './functions.ts';
import { endScores } from './gat.ts';
import { type Block, type EdgeTensors, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface EdgeGnnOptions {
  inputs: number;
  /** Of each channel. */
  width: number;
  /** Width of the edges' features; each is a channel. */
  channels: number;
  /** `convolution`: edges weigh with their features alone. `attention`: with features times attention, which the next layer gets. */
  form?: 'convolution' | 'attention';
  /** Channels beside each other [nodes, channels · width], or their mean [nodes, width] as in a last layer. */
  combine?: 'concat' | 'mean';
  activation?: Activation;
  /** Times that attention is normalised over receivers, then over senders: after 2 rows are off by some 3 % (ours). */
  sinkhornSteps?: number;
}

/**
 * EGNN (Gong & Cheng 2019): σ(‖_p E_p X W), where every channel p of the edges' features weighs the edges in
 * its own way; edges [edges, channels] should come from `doublyStochastic`. With attention E_p is first multiplied by
 * exp(LeakyReLU(aᵀ [W x_i ‖ W x_j])) and made doubly stochastic again. The paper does that with a product of matrices that
 * joins nodes two steps apart; here edges are those of the graph, and rows and columns are normalised in turn
 * (Sinkhorn & Knopp 1967), which ends in a doubly stochastic matrix too.
 */
export function edgeGnn(layout: ParameterLayout, name: string, options: EdgeGnnOptions): Block {
  const { inputs, width, channels, form = 'convolution', combine = 'concat' } = options;
  const { activation = relu, sinkhornSteps = 2 } = options;
  const kernel = layout.declare(`${name}.kernel`, [inputs, width], 'glorot');
  const attention =
    form === 'attention'
      ? ['sender', 'receiver'].map((end) => layout.declare(`${name}.attention.${end}`, [width, 1], 'glorot'))
      : undefined;
  const outputs = combine === 'concat' ? channels * width : width;
  const bias = layout.declare(`${name}.bias`, [outputs], 'zeros');

  return (weights, structure, state, draws) => {
    const columns = attention?.map((part) => matmul(weights(kernel), weights(part)));
    const attended = columns && endScores(state, columns);
    const block = messagePassing({
      ...(attended && {
        edges: (_weights, view) => {
          const factors = attentionFactors(structure, attended[0], attended[1]);
          return sinkhorn(structure, mul(required(view.edges, 'edges'), factors), attended, sinkhornSteps);
        },
      }),
      messages: (_weights, { edges, senders }) => {
        const features = required(edges, 'edges');
        const [rows] = features.shape;
        return mul(reshape(features, [rows, channels, 1]), reshape(senders, [rows, 1, width]));
      },
      nodes: (_weights, { incoming }) => {
        const [rows] = incoming.shape;
        const joined = combine === 'concat' ? reshape(incoming, [rows, outputs]) : mean(incoming, [1]);
        return activation(add(joined, weights(bias)));
      },
    });
    return block(weights, structure, { ...state, nodes: matmul(state.nodes, weights(kernel)) }, draws);
  };
}

/** exp of the scores [edges, 1], from the share of each node [nodes, 1] in them; rows are normalised next, so any shift will do. */
function attentionFactors({ senders, receivers }: EdgeTensors, sent: Tensor, received: Tensor): Tensor {
  const scores = leakyRelu(add(gather(sent, senders), gather(received, receivers)));
  const largest = stopGradient(segmentMax(scores, receivers, received.shape[0]));
  return exp(sub(scores, gather(largest, receivers)));
}

/** Divides [edges, channels] by its sums over the edges that enter a node, then over those that leave it, in turn. */
function sinkhorn(
  { senders, receivers }: EdgeTensors,
  x: Tensor,
  [sent, received]: readonly Tensor[],
  steps: number,
): Tensor {
  const divideBySums = (value: Tensor, index: Tensor, nodes: Tensor) => {
    const sums = add(segmentSum(value, index, nodes.shape[0]), 1e-12);
    return div(value, gather(sums, index));
  };
  let value = x;
  for (let step = 0; step < steps; step++) {
    value = divideBySums(value, receivers, received);
    value = divideBySums(value, senders, sent);
  }
  return value;
}
