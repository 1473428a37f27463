import { concat, mul, relu, type Tensor } from '../tensor/index.ts';
import { l2Normalise } from './functions.ts';
import { type Layer, linear } from './layers.ts';
import { type Block, messagePassing, required } from './messagePassing.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

export interface LocalizedConvolutionOptions {
  inputs: number;
  /** Width of what a neighbour sends, m in the paper. */
  messages: number;
  outputs: number;
}

/** A localized convolution, and its two halves: what a node sends does not depend on who gets it, so it can be computed once for all. */
export interface LocalizedConvolution {
  /** State: nodes [nodes, inputs], edges [edges, 1], the shares α, which sum to 1 over the edges of a node. */
  block: Block;
  /** relu(Q h + q): [nodes, inputs] → [nodes, messages]. */
  send: Layer;
  /** The states of nodes [nodes, inputs] and what their messages came to, n [nodes, messages] → [nodes, outputs]. */
  update: (weights: Weights, own: Tensor, pooled: Tensor) => Tensor;
}

/**
 * The localized convolution with importance pooling of PinSage (Ying et al. 2018, algorithm 1): n_u = Σ_v α_uv relu(Q h_v + q),
 * z = relu(W · [h_u ‖ n_u] + w), divided by its Euclidean norm. With shares that are all 1 ÷ neighbours it is mean pooling.
 */
export function localizedConvolution(
  layout: ParameterLayout,
  name: string,
  { inputs, messages, outputs }: LocalizedConvolutionOptions,
): LocalizedConvolution {
  const sending = linear(layout, `${name}.send`, inputs, messages);
  const joining = linear(layout, `${name}.update`, inputs + messages, outputs);
  const send: Layer = (weights, x) => relu(sending(weights, x));
  const update = (weights: Weights, own: Tensor, pooled: Tensor) =>
    l2Normalise(relu(joining(weights, concat([own, pooled]))));
  const block = messagePassing({
    messages: (_weights, { senders, edges }) => mul(senders, required(edges, 'edges')),
    nodes: (weights, { nodes, incoming }) => update(weights, nodes, incoming),
  });
  return {
    send,
    update,
    block: (weights, structure, state, draws) =>
      block(
        weights,
        structure,
        { ...state, nodes: send(weights, state.nodes), targets: state.targets ?? state.nodes },
        draws,
      ),
  };
}
