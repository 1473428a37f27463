import { Random } from '../../core/base/index.ts';
import type { Device, Feed } from '../../core/device/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import { type Adjacency, largestFlow } from '../../core/graph/index.ts';
import { mean, type Program, square, sub, Trace } from '../../core/tensor/index.ts';
import { ADAM_DEFAULTS, initialTrainingState, stepScalars, trainingProgram } from '../../core/train/index.ts';
import { type BatchField, flowFields } from '../../core/train/producers/index.ts';
import { sageLayers, sageOnFlow } from './sageLayers.ts';

/** Layers of GraphSAGE on a message flow and a linear read-out, by least squares. */
export function sageRegression(widths: readonly number[]): { layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const layers = sageLayers(layout, widths);
  const readOut = linear(layout, 'readOut', widths.at(-1)!, 1);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const predicted = readOut(weights, sageOnFlow(trace, layers, weights, widths[0]));
  const loss = mean(square(sub(predicted, trace.input('y', [`nodes${layers.length}`, 1]))));
  return { layout, forward: trace.program({ loss }) };
}

/** Trains it step by step with AdamW. */
export async function sageTrainer(
  device: Device,
  widths: readonly number[],
  { learningRate, seed }: { learningRate: number; seed: number },
) {
  const { layout, forward } = sageRegression(widths);
  const executable = await device.compile(trainingProgram(forward, ADAM_DEFAULTS));
  const state = initialTrainingState(layout, layout.initialise(new Random(seed)));
  for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
  let steps = 0;
  return {
    async step(batch: Feed): Promise<number> {
      const scalars = stepScalars(++steps, learningRate, ADAM_DEFAULTS);
      return (await executable.run({ ...batch, ...scalars })).loss[0];
    },
    parameters: () => executable.getState('parameters'),
  };
}

/** The arrays of its batches, as `sageProducer.ts` makes them. */
export function regressionFields(
  nodes: number,
  batch: number,
  fanouts: readonly number[],
  width: number,
): BatchField[] {
  const largest = largestFlow(nodes, batch, fanouts);
  return [
    ...flowFields(largest),
    { name: 'x', type: 'f32', capacity: largest.nodes[0] * width },
    { name: 'y', type: 'f32', capacity: batch },
  ];
}

/** [nodes] something to be learned: ten times the mean of the first two features of the neighbours. */
export function meansOfNeighbours(adjacency: Adjacency, features: Float32Array, width: number): Float32Array {
  const { rows, offsets, neighbours } = adjacency;
  const means = new Float32Array(rows);
  for (let node = 0; node < rows; node++) {
    const degree = Math.max(1, offsets[node + 1] - offsets[node]);
    for (let i = offsets[node]; i < offsets[node + 1]; i++) {
      const first = neighbours[i] * width;
      means[node] += (10 * (features[first] + features[first + 1])) / degree;
    }
  }
  return means;
}
