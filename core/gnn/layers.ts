import {
  add,
  type Dim,
  div,
  gather,
  matmul,
  mean,
  mul,
  relu,
  segmentSum,
  sqrt,
  square,
  sub,
  type Tensor,
} from '../tensor/index.ts';
import type { Activation } from './functions.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

/** A layer with its parameters declared, waiting for weights and a value. */
export type Layer = (weights: Weights, x: Tensor) => Tensor;

/** x·W + b: [n, inputs] → [n, outputs]. `start: 'zeros'` starts the layer at b alone, for residual heads. */
export function linear(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  outputs: number,
  { start = 'glorot' as 'glorot' | 'zeros' } = {},
): Layer {
  const kernel = layout.declare(`${name}.kernel`, [inputs, outputs], start, { decay: 1 });
  const bias = layout.declare(`${name}.bias`, [outputs], 'zeros');
  return (weights, x) => add(matmul(x, weights(kernel)), weights(bias));
}

/** Normalises each row to mean 0 and variance 1, then scales and shifts (Ba et al. 2016, eq. 4). */
export function layerNorm(layout: ParameterLayout, name: string, width: number, epsilon = 1e-5): Layer {
  const gain = layout.declare(`${name}.gain`, [width], 'ones');
  const bias = layout.declare(`${name}.bias`, [width], 'zeros');
  return (weights, x) => {
    const centred = sub(x, mean(x, [1], true));
    const deviation = sqrt(add(mean(square(centred), [1], true), epsilon));
    return add(mul(div(centred, deviation), weights(gain)), weights(bias));
  };
}

/** Linear layers of the given widths with an activation after each, the last included; then layer norm if asked. */
export function mlp(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  widths: readonly number[],
  { activation = relu as Activation, norm = false } = {},
): Layer {
  const layers = widths.map((width, i) =>
    linear(layout, `${name}.${i}`, i === 0 ? inputs : widths[i - 1], width),
  );
  const last = norm ? layerNorm(layout, `${name}.norm`, widths.at(-1)!) : undefined;
  return (weights, x) => {
    const hidden = layers.reduce((value, layer) => activation(layer(weights, value)), x);
    return last ? last(weights, hidden) : hidden;
  };
}

/** Rows of a table by index: [m] → [m, width]. Starts at 0, so that a row never trained says nothing. */
export function embedding(
  layout: ParameterLayout,
  name: string,
  rows: number,
  width: number,
  { decay = 1 } = {},
): Layer {
  const table = layout.declare(`${name}.table`, [rows, width], 'zeros', { decay });
  return (weights, index) => gather(weights(table), index);
}

/** The rows of a text or of another list: which they are, in which bag each lies, and what it weighs. */
export interface BagTensors {
  /** [tokens] (i32) */
  tokens: Tensor;
  /** [tokens] (i32) */
  bags: Tensor;
  /** [tokens, 1] */
  weights: Tensor;
}

/**
 * Bags of rows of a table: Σ weight · row over the tokens of each, [bags, width]; 0 for one without any. With weights 1 / tokens of a
 * bag its mean, as of n-grams (Bojanowski et al. 2017; Huang et al. 2020, §3.1). Rows start random, so that bags of like tokens are
 * alike before training.
 */
export function embeddingBag(
  layout: ParameterLayout,
  name: string,
  rows: number,
  width: number,
): (weights: Weights, bag: BagTensors, bags: Dim) => Tensor {
  const table = layout.declare(`${name}.table`, [rows, width], { normal: 1 / Math.sqrt(width) });
  return (weights, { tokens, bags, weights: share }, count) =>
    segmentSum(mul(gather(weights(table), tokens), share), bags, count);
}
