import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import type { ParameterLayout } from '@etalon/core/gnn';
import type { Program } from '@etalon/core/tensor';
import {
  ADAM_DEFAULTS,
  cosineSchedule,
  initialTrainingState,
  stepScalars,
  trainingProgram,
} from '@etalon/core/train';

/** A network as two programs over one layout of weights: one that predicts, one that ends in the scalar `loss`. */
export interface Network {
  layout: ParameterLayout;
  forward: Program;
  loss: Program;
}

/** Trains on the batches, one step each, and returns the moving average of the weights: what to judge and to keep. */
export async function train(
  device: Device,
  { layout, loss }: Network,
  batches: readonly Feed[],
  { learningRate, seed }: { learningRate: number; seed: number },
): Promise<Float32Array> {
  const step = await device.compile(trainingProgram(loss, ADAM_DEFAULTS));
  const start = initialTrainingState(layout, layout.initialise(new Random(seed)));
  for (const [name, values] of Object.entries(start)) await step.setState(name, values);

  const rate = cosineSchedule(learningRate, { steps: batches.length, warmUp: 10 });
  for (const [i, batch] of batches.entries())
    await step.run({ ...batch, ...stepScalars(i + 1, rate(i + 1), ADAM_DEFAULTS) });

  const average = await step.getState('average');
  await step.dispose();
  return average;
}

/** The outputs of the forward program under the given weights. */
export async function predict(
  device: Device,
  { forward }: Network,
  feed: Feed,
  parameters: Float32Array,
): Promise<Record<string, Float32Array>> {
  const executable = await device.compile(forward);
  const outputs = await executable.run({ ...feed, parameters });
  await executable.dispose();
  return outputs;
}
