import { add } from '../tensor/index.ts';
import { dropout } from './dropout.ts';
import { layerNorm } from './layers.ts';
import type { Block } from './messagePassing.ts';
import type { ParameterLayout } from './parameters.ts';

export interface StackOptions {
  /** Width of the nodes that come in, then of those that each layer gives. */
  widths: readonly number[];
  /** Makes layer number `at`, of the given widths. */
  layer: (name: string, inputs: number, outputs: number, at: number) => Block;
  /** Layer norm after each layer but the last. */
  norm?: boolean;
  /** Adds what goes into a layer to what comes out, wherever both are as wide. */
  residual?: boolean;
  /** Share of the nodes' values that training drops before each layer. */
  dropout?: number;
}

/** Layers one after another: dropout, the layer, norm, residual. */
export function stack(layout: ParameterLayout, name: string, options: StackOptions): Block {
  const { widths, layer, norm = false, residual = false, dropout: rate = 0 } = options;
  const layers = widths.slice(1).map((outputs, at) => {
    const own = `${name}.${at}`;
    return {
      block: layer(own, widths[at], outputs, at),
      norm: norm && at < widths.length - 2 ? layerNorm(layout, `${own}.norm`, outputs) : undefined,
      residual: residual && widths[at] === outputs,
    };
  });
  return (weights, structure, state, draws) => {
    let current = state;
    for (const { block, norm: normalise, residual: adds } of layers) {
      const { nodes } = current;
      const next = block(weights, structure, { ...current, nodes: dropout(nodes, rate, draws) }, draws);
      const normed = normalise ? normalise(weights, next.nodes) : next.nodes;
      current = { ...next, nodes: adds ? add(nodes, normed) : normed };
    }
    return current;
  };
}
