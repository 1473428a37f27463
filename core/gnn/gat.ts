import { add, concat, gather, matmul, mean, mul, reshape, slice, sum, type Tensor } from '../tensor/index.ts';
import { type Activation, elu, leakyRelu } from './functions.ts';
import { type Block, type BlockState, messagePassing } from './messagePassing.ts';
import type { Parameter, ParameterLayout, Weights } from './parameters.ts';

export interface GatOptions {
  inputs: number;
  /** Of each head. */
  width: number;
  heads: number;
  /** Heads beside each other [nodes, heads · width], or their mean [nodes, width] as in a last layer. */
  combine?: 'concat' | 'mean';
  activation?: Activation;
  /** Share of the attention weights that training drops. */
  dropout?: number;
}

/**
 * Graph attention (Veličković et al. 2018, eqs. 3–6): scores LeakyReLU(aᵀ [W h_i ‖ W h_j]), softmax over the edges that
 * enter i, Σ α W h_j for each head. State: nodes [nodes, inputs]. A node attends to itself only where the graph has its
 * loop: see `withSelfLoops`. aᵀ W h is taken as (W a)ᵀ h, so that a node's scores cost one product with a few columns.
 */
export function gat(layout: ParameterLayout, name: string, options: GatOptions): Block {
  const { inputs, width, heads, dropout = 0 } = options;
  const kernel = layout.declare(`${name}.kernel`, [inputs, heads * width], 'glorot');
  const attention = ['sender', 'receiver'].map((end) =>
    layout.declare(`${name}.attention.${end}`, [heads, width], 'glorot'),
  );
  const finish = combineHeads(layout, name, options);
  return (weights, structure, state, draws) => {
    const perHead = reshape(weights(kernel), [inputs, heads, width]);
    const columns = attention.map((part) => sum(mul(perHead, weights(part)), [2]));
    const [sent, received] = endScores(state, columns);
    const { senders, receivers } = structure;
    const block = messagePassing({
      messages: (_weights, view) => splitHeads(view.senders, heads, width),
      aggregation: {
        scores: () => leakyRelu(add(gather(sent, senders), gather(received, receivers))),
        dropout,
      },
      nodes: (_weights, { incoming }) => finish(weights, incoming),
    });
    return block(weights, structure, { ...state, nodes: matmul(state.nodes, weights(kernel)) }, draws);
  };
}

/**
 * Dynamic graph attention (Brody et al. 2022, eq. 7): scores aᵀ LeakyReLU(W_l h_j + W_r h_i), so that which sender scores
 * highest depends on the receiver; the rest as in {@link gat}, with W_l h_j as values.
 */
export function gatv2(layout: ParameterLayout, name: string, options: GatOptions): Block {
  const { inputs, width, heads, dropout = 0 } = options;
  const [left, right] = ['sender', 'receiver'].map((end) =>
    layout.declare(`${name}.kernel.${end}`, [inputs, heads * width], 'glorot'),
  );
  const attention = layout.declare(`${name}.attention`, [heads, width], 'glorot');
  const finish = combineHeads(layout, name, options);
  const block = messagePassing({
    messages: (_weights, view) => splitHeads(view.senders, heads, width),
    aggregation: {
      scores: (weights, view) =>
        matmul(leakyRelu(add(view.senders, view.receivers)), headColumns(weights(attention))),
      dropout,
    },
    nodes: (weights, { incoming }) => finish(weights, incoming),
  });
  return (weights, structure, state, draws) => {
    const nodes = matmul(state.nodes, weights(left));
    const targets = matmul(state.targets ?? state.nodes, weights(right));
    return block(weights, structure, { ...state, nodes, targets }, draws);
  };
}

/** Products of the nodes that edges leave, and of those that they enter, with columns of their own. */
export function endScores(
  { nodes, targets }: BlockState,
  [forSenders, forReceivers]: readonly Tensor[],
): readonly [Tensor, Tensor] {
  if (targets) return [matmul(nodes, forSenders), matmul(targets, forReceivers)];
  const both = matmul(nodes, concat([forSenders, forReceivers]));
  const columns = forSenders.shape[1] as number;
  return [slice(both, 0, columns), slice(both, columns, 2 * columns)];
}

function splitHeads(x: Tensor, heads: number, width: number): Tensor {
  return reshape(x, [x.shape[0], heads, width]);
}

/** [heads, width] → [heads · width, heads]: column k holds the vector of head k and zeros, so that one product scores all. */
function headColumns(attention: Tensor): Tensor {
  const [heads, width] = attention.shape as number[];
  const mask = Array.from({ length: heads * width * heads }, (_, i) =>
    Number(Math.floor(i / heads / width) === i % heads),
  );
  const blocks = attention.trace.constant(mask, [heads * width, heads]);
  return mul(reshape(attention, [heads * width, 1]), blocks);
}

type Finish = (weights: Weights, heads: Tensor) => Tensor;

/** σ(heads + b), from [nodes, heads, width]. */
function combineHeads(layout: ParameterLayout, name: string, options: GatOptions): Finish {
  const { width, heads, combine = 'concat', activation = elu } = options;
  const outputs = combine === 'concat' ? heads * width : width;
  const bias: Parameter = layout.declare(`${name}.bias`, [outputs], 'zeros');
  return (weights, x) => {
    const joined = combine === 'concat' ? reshape(x, [x.shape[0], outputs]) : mean(x, [1]);
    return activation(add(joined, weights(bias)));
  };
}
