import { bindParameters, type Layer, linear, ParameterLayout, type Weights } from '../../core/gnn/index.ts';
import {
  add,
  div,
  expand,
  gather,
  max,
  relu,
  segmentSum,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import type { LayerProgram } from '../../core/train/inference/index.ts';
import { type BlockTensors, flowInputs } from '../../core/train/producers/flow.ts';

/** GraphSAGE's mean aggregator in the form ReLU(W₁ · mean of neighbours + W₂ · self + b), on one block. */
export type SageLayer = (weights: Weights, block: BlockTensors, x: Tensor) => Tensor;

/** @param widths of the input and of each layer. */
export function sageLayers(layout: ParameterLayout, widths: readonly number[]): SageLayer[] {
  return widths.slice(1).map((width, i) => {
    const [ofNeighbours, ofSelf] = ['neighbours', 'self'].map(
      (part): Layer => linear(layout, `layer${i}.${part}`, widths[i], width),
    );
    return (weights, block, x) => {
      const messages = gather(x, block.senders);
      const total = segmentSum(messages, block.receivers, block.targets);
      const ones = expand(x.trace.constant([1], [1, 1]), sum(messages, [1], true));
      const mean = div(total, max(segmentSum(ones, block.receivers, block.targets), 1));
      return relu(add(ofNeighbours(weights, mean), ofSelf(weights, gather(x, block.self))));
    };
  });
}

/** Each layer as a program of its own, for inference. */
export function sagePrograms(widths: readonly number[]): {
  layout: ParameterLayout;
  programs: Omit<LayerProgram, 'feed'>[];
} {
  const layout = new ParameterLayout();
  const layers = sageLayers(layout, widths);
  const programs = layers.map((layer, i) => {
    const trace = new Trace();
    const [block] = flowInputs(trace, 1);
    const x = trace.input('x', [block.sources, widths[i]]);
    return {
      program: trace.program({ x: layer(bindParameters(trace, layout), block, x) }),
      width: widths[i + 1],
    };
  });
  return { layout, programs };
}

/** All layers on a message flow whose features are `width` wide, for training. */
export function sageOnFlow(
  trace: Trace,
  layers: readonly SageLayer[],
  weights: Weights,
  width: number,
): Tensor {
  const blocks = flowInputs(trace, layers.length);
  const x = trace.input('x', [blocks[0].sources, width]);
  return layers.reduce<Tensor>((states, layer, i) => layer(weights, blocks[i], states), x);
}
