import { concat, relu } from '../tensor/index.ts';
import type { Aggregation } from './aggregation.ts';
import type { Activation } from './functions.ts';
import { type Layer, linear, mlp } from './layers.ts';
import { type Block, messagePassing } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface MpnnOptions {
  inputs: number;
  /** Width of the edges' features; 0 where they have none. */
  edges: number;
  /** Widths of the MLP that makes a message; `linear` for one product without activation, of width `outputs`. */
  message: 'linear' | readonly number[];
  aggregation?: Aggregation;
  outputs: number;
  activation?: Activation;
}

/**
 * Message passing neural network (Gilmer et al. 2017, eqs. 1–2): m_v the sum, mean or largest of M(h_v, h_w, e_vw),
 * h′_v = σ(W [h_v ‖ m_v] + b). State: nodes [nodes, inputs], edges [edges, edges].
 */
export function mpnn(layout: ParameterLayout, name: string, options: MpnnOptions): Block {
  const { inputs, edges, message, aggregation = 'sum', outputs, activation = relu } = options;
  const from = 2 * inputs + edges;
  const makeMessage: Layer =
    message === 'linear'
      ? linear(layout, `${name}.message`, from, outputs)
      : mlp(layout, `${name}.message`, from, message, { activation });
  const messageWidth = message === 'linear' ? outputs : message[message.length - 1];
  const update = linear(layout, `${name}.update`, inputs + messageWidth, outputs);
  return messagePassing({
    messages: (weights, view) =>
      makeMessage(weights, concat([...(view.edges ? [view.edges] : []), view.receivers, view.senders])),
    aggregation,
    nodes: (weights, { nodes, incoming }) => activation(update(weights, concat([nodes, incoming]))),
  });
}
