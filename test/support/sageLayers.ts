import { type Block, bindParameters, ParameterLayout, sage, type Weights } from '../../core/gnn/index.ts';
import { type Tensor, Trace } from '../../core/tensor/index.ts';
import type { LayerProgram } from '../../core/train/inference/index.ts';
import { flowInputs, onBlock } from '../../core/train/producers/index.ts';

/** @param widths of the input and of each layer. */
export function sageLayers(layout: ParameterLayout, widths: readonly number[]): Block[] {
  return widths.slice(1).map((outputs, i) => sage(layout, `layer${i}`, { inputs: widths[i], outputs }));
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
    const states = onBlock(layer, bindParameters(trace, layout), block, x);
    return { program: trace.program({ x: states }), width: widths[i + 1] };
  });
  return { layout, programs };
}

/** All layers on a message flow whose features are `width` wide, for training. */
export function sageOnFlow(trace: Trace, layers: readonly Block[], weights: Weights, width: number): Tensor {
  const blocks = flowInputs(trace, layers.length);
  const x = trace.input('x', [blocks[0].sources, width]);
  return layers.reduce<Tensor>((states, layer, i) => onBlock(layer, weights, blocks[i], states), x);
}
