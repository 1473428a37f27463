import {
  type Activation,
  type Block,
  type Draws,
  type EdgeTensors,
  gat,
  gcn,
  gin,
  identity,
  infomax,
  linear,
  type ParameterLayout,
  sage,
  segmentCounts,
  stack,
  type Weights,
} from '@etalon/core/gnn';
import {
  add,
  type Dim,
  gather,
  mean,
  reciprocal,
  relu,
  sqrt,
  type Tensor,
  type Trace,
} from '@etalon/core/tensor';
import type { NodeRows } from '../recommend/system.ts';
import type { GraphSettings } from './settings.ts';

const HEADS = 4;

export interface EncoderShape {
  readonly columns: number;
  /** Type of the nodes, and how many there are: of those that have learned rows. */
  readonly nodes: string;
  readonly count: number;
}

/** States of nodes by layers of one kind. */
export interface Encoder {
  readonly nodeRows: readonly NodeRows[];
  readonly width: number;
  /** Axis of the nodes: how many there are where each has a row of its own. */
  readonly rows: Dim;
  /** Declares `x`, `senders` and `receivers`. */
  inputs(trace: Trace, weights: Weights): EncoderInputs;
  /** [nodes, width] */
  states(weights: Weights, inputs: EncoderInputs, draws?: Draws): Tensor;
}

export interface EncoderInputs {
  /** [nodes, …] what enters the first layer. */
  readonly first: Tensor;
  readonly structure: EdgeTensors;
}

type EncoderSettings = Pick<GraphSettings, 'convolution' | 'layers' | 'width' | 'dropout' | 'states'>;

/** @param last what is done with the last layer's values. */
export function nodeEncoder(
  layout: ParameterLayout,
  { columns, nodes, count }: EncoderShape,
  { convolution, layers, width, dropout, states: first }: EncoderSettings,
  last: Activation = identity,
): Encoder {
  const isLearned = first === 'learned';
  const table = isLearned ? layout.declare('nodes', [count, width], { normal: 0.1 }) : undefined;
  const enter = isLearned ? linear(layout, 'enter', columns, width) : undefined;
  const block = stack(layout, 'encoder', {
    widths: [isLearned ? width : columns, ...new Array<number>(layers).fill(width)],
    layer: (name, inputs, outputs, at) =>
      layerOf(convolution, layout, name, {
        inputs,
        outputs,
        activation: at === layers - 1 ? last : relu,
      }),
    dropout,
  });
  const rows: Dim = isLearned ? count : 'nodes';
  return {
    nodeRows: table ? [{ parameter: table.name, nodes }] : [],
    width,
    rows,
    inputs(trace, weights) {
      const x = trace.input('x', [rows, columns]);
      const [senders, receivers] = ['senders', 'receivers'].map((name) =>
        trace.input(name, ['edges'], 'i32'),
      );
      const structure = { senders, receivers };
      return {
        first: table && enter ? add(enter(weights, x), weights(table)) : x,
        structure:
          convolution === 'gcn'
            ? { ...structure, nodeScale: reciprocal(sqrt(add(segmentCounts(receivers, rows), 1))) }
            : structure,
      };
    },
    states: (weights, { first: nodeStates, structure }, draws) =>
      block(weights, structure, { nodes: nodeStates }, draws).nodes,
  };
}

interface LayerWidths {
  inputs: number;
  outputs: number;
  activation: Activation;
}

function layerOf(
  convolution: EncoderSettings['convolution'],
  layout: ParameterLayout,
  name: string,
  { inputs, outputs, activation }: LayerWidths,
): Block {
  switch (convolution) {
    case 'gcn':
      return gcn(layout, name, { inputs, outputs, activation });
    case 'gat':
      return gat(layout, name, { inputs, width: outputs, heads: HEADS, combine: 'mean', activation });
    case 'sage':
      return sage(layout, name, { inputs, outputs, activation });
    case 'gin':
      return gin(layout, name, { inputs, outputs, activation });
    default:
      throw convolution satisfies never;
  }
}

/**
 * Deep Graph Infomax (Veličković et al. 2019) of a whole graph as one: nodes told from those of the same graph with features shuffled by
 * the index input `shuffled`.
 */
export function infomaxLoss(
  layout: ParameterLayout,
  encoder: Encoder,
): (trace: Trace, weights: Weights, inputs: EncoderInputs, real: Tensor, draws: Draws) => Tensor {
  const discriminator = layout.declare('discriminator', [encoder.width, encoder.width], 'glorot');
  return (trace, weights, inputs, real, draws) => {
    const shuffled = trace.input('shuffled', [encoder.rows], 'i32');
    const corrupted = encoder.states(weights, { ...inputs, first: gather(inputs.first, shuffled) }, draws);
    const nodeGraph = trace.input('oneGraph', [encoder.rows], 'i32');
    const graphs = trace.constant([0], [1, 1]);
    return mean(infomax({ real, corrupted, nodeGraph, graphs }, weights(discriminator)));
  };
}
