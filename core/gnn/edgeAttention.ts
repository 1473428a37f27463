import { add, concat, matmul, mul, reshape, sum, type Tensor, tanh } from '../tensor/index.ts';
import { leakyRelu, softmax } from './functions.ts';
import { type Layer, linear } from './layers.ts';
import { type Block, type EdgeView, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

export interface EdgeAttentionOptions {
  inputs: number;
  /** Width of the edges' features; 0: edges have none. */
  edges: number;
  outputs: number;
}

/**
 * Attention over messages that carry the features of their edge, beside a way of its own for the node (GraFRank: Sankar et al. 2021,
 * § 4.2): m_uv = W₁ [x_u ‖ e_uv], α_uv = softmax_u LeakyReLU(a · m_uv + a′ · W₂ x_v), h_v = W_l Σ_u α_uv m_uv + W_r W₂ x_v + b.
 * State: nodes [nodes, inputs], edges [edges, edges] where there are any; a node that nothing reaches has the second term alone.
 * W₁ is linear: Σ α m is taken as W₁ Σ α [x_u ‖ e_uv], and a · m_uv as (W₁ a) · [x_u ‖ e_uv], so that no edge is multiplied by a matrix.
 */
export function edgeAttention(
  layout: ParameterLayout,
  name: string,
  { inputs, edges, outputs }: EdgeAttentionOptions,
): Block {
  const message = layout.declare(`${name}.message.kernel`, [inputs + edges, outputs], 'glorot');
  const self = layout.declare(`${name}.self.kernel`, [inputs, outputs], 'glorot');
  const [ofMessage, ofSelf] = ['message', 'self'].map((part) =>
    layout.declare(`${name}.attention.${part}`, [outputs, 1], 'glorot'),
  );
  const right = layout.declare(`${name}.right.kernel`, [outputs, outputs], 'glorot');
  const left: Layer = linear(layout, `${name}.left`, outputs, outputs);
  const carried = (view: EdgeView) =>
    edges > 0 ? concat([view.senders, required(view.edges, 'edges')]) : view.senders;
  const block = messagePassing({
    messages: (_weights, view) => asOneHead(carried(view)),
    aggregation: {
      // Of receivers the block sees x_v: (W₂ a′) · x_v.
      scores: (weights, view) =>
        leakyRelu(
          add(
            matmul(carried(view), matmul(weights(message), weights(ofMessage))),
            matmul(view.receivers, matmul(weights(self), weights(ofSelf))),
          ),
        ),
      dropout: 0,
    },
    nodes: (weights, { nodes, incoming }) => {
      const heard = matmul(reshape(incoming, [incoming.shape[0], inputs + edges]), weights(message));
      return add(left(weights, heard), matmul(matmul(nodes, weights(self)), weights(right)));
    },
  });
  return block;
}

/** [edges, width] → [edges, 1, width] */
function asOneHead(x: Tensor): Tensor {
  return reshape(x, [x.shape[0], 1, x.shape[1]]);
}

/**
 * Several states of each node made one by attention (GraFRank: Sankar et al. 2021, § 4.3; semantic attention: Wang et al. 2019, eqs. 7–9, for each node by
 * itself): β_k = softmax_k w · tanh(W z_k + b), h = Σ_k β_k W z_k. States [n, inputs] each → [n, outputs].
 */
export function attentionFusion(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  outputs: number,
): (weights: Weights, states: readonly Tensor[]) => { fused: Tensor; shares: Tensor } {
  const map = layout.declare(`${name}.kernel`, [inputs, outputs], 'glorot');
  const bias = layout.declare(`${name}.bias`, [outputs], 'zeros');
  const query = layout.declare(`${name}.query`, [outputs, 1], 'glorot');
  return (weights, states) => {
    const values = states.map((state) => matmul(state, weights(map)));
    const scores = values.map((value) => matmul(tanh(add(value, weights(bias))), weights(query)));
    const shares = softmax(concat(scores));
    const stacked = concat(
      values.map((value) => asOneHead(value)),
      1,
    );
    const fused = sum(mul(stacked, reshape(shares, [shares.shape[0], states.length, 1])), [1]);
    return { fused, shares };
  };
}
