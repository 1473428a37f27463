import { Random } from '../../core/base/index.ts';
import type { Feed } from '../../core/device/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import { mean, type Program, square, sub, Trace, tanh } from '../../core/tensor/index.ts';

export const INPUTS = 3;
export const OUTPUTS = 2;

/** Least squares through one layer: loss = mean (tanh(x·W + b) − y)². */
export function regression(): { layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'layer', INPUTS, OUTPUTS);
  const trace = new Trace();
  const predicted = tanh(layer(bindParameters(trace, layout), trace.input('x', ['graphs', INPUTS])));
  const loss = mean(square(sub(predicted, trace.input('y', ['graphs', OUTPUTS]))));
  return { layout, forward: trace.program({ loss }) };
}

/** The batches of an epoch: the same for the same epoch. `spread` sets the size of the gradients. */
export function* regressionBatches(epoch: number, count: number, spread = 1): Generator<Feed> {
  const random = new Random(100 + epoch);
  for (let batch = 0; batch < count; batch++) {
    const rows = 4 + random.int(5);
    const normal = (length: number) => Float32Array.from({ length }, () => spread * random.normal());
    yield { x: normal(rows * INPUTS), y: normal(rows * OUTPUTS) };
  }
}
