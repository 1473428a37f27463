import type { TaskContext } from '@etalon/core/base';
import type { Device, Executable } from '@etalon/core/device';
import type { EpochReport, TrainingSnapshot, Validation } from '@etalon/core/train';
import { trainWeights } from '../recommend/training.ts';
import type { PairNetwork } from './network.ts';
import type { StorySettings } from './settings.ts';
import {
  type Asked,
  batchCount,
  batchesOf,
  feedOf,
  type Kept,
  type Snapshot,
  type StoryData,
} from './snapshots.ts';

/** Pairs that one run of the device predicts. */
const PAIRS_AT_ONCE = 8192;
const WARM_UP_EPOCHS = 1;

export interface PairTraining {
  readonly network: PairNetwork;
  readonly data: StoryData;
  readonly settings: StorySettings;
  readonly seed: number;
  readonly device: Device;
}

/** Trains a network of pairs from a snapshot, or from the start; the epoch with the least squared error on validation is the best. */
export async function trainPairs(
  { network, data, settings, seed, device }: PairTraining,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EpochReport) => void,
): Promise<void> {
  const { batchPairs } = settings;
  const { train, validation } = data.parts;
  const predictor = await PairPredictor.compile(device, network, data.kept);
  const validate = async (average: Float32Array): Promise<Validation> => {
    const { mse, mae } = await predictor.errors(validation, average);
    return { score: mse, metrics: { 'val mse': mse, 'val mae': mae } };
  };
  try {
    await trainWeights(
      {
        network,
        settings,
        seed,
        device,
        batchesPerEpoch: batchCount(train, batchPairs),
        warmUpEpochs: WARM_UP_EPOCHS,
        clipParts: network.members,
        batches: (epoch) => batchesOf(train, batchPairs, { seed, epoch }),
        ...(validation.length > 0 && { validate }),
      },
      start,
      context,
      onEpoch,
    );
  } finally {
    await predictor.dispose();
  }
}

/** Predicts affinities. */
export class PairPredictor {
  readonly #forward: Executable;
  readonly #range: Kept['range'];

  static async compile(device: Device, { forward }: PairNetwork, { range }: Kept): Promise<PairPredictor> {
    return new PairPredictor(await device.compile(forward), range);
  }

  private constructor(forward: Executable, range: Kept['range']) {
    this.#forward = forward;
    this.#range = range;
  }

  /** Of each asked pair, in their order. */
  async predict(asked: readonly Asked[], parameters: Float32Array): Promise<Float64Array> {
    const values: number[] = [];
    for (const { snapshot, places } of asked)
      for (let begin = 0; begin < places.length; begin += PAIRS_AT_ONCE) {
        const block = { snapshot, places: places.subarray(begin, begin + PAIRS_AT_ONCE) };
        const { target: _, ...feed } = feedOf(block);
        const { affinity } = await this.#forward.run({ ...feed, parameters });
        for (const value of affinity) values.push(value);
      }
    return Float64Array.from(values);
  }

  /** Mean errors of predictions that are kept within what training saw. */
  async errors(asked: readonly Asked[], parameters: Float32Array): Promise<{ mse: number; mae: number }> {
    const predicted = await this.predict(asked, parameters);
    let at = 0;
    let [squared, absolute] = [0, 0];
    for (const { snapshot, places } of asked)
      for (const place of places) {
        const error = within(predicted[at++], this.#range) - snapshot.targets[place];
        squared += error * error;
        absolute += Math.abs(error);
      }
    return { mse: squared / at, mae: absolute / at };
  }

  /** [users · width] */
  async states(snapshot: Snapshot, parameters: Float32Array): Promise<Float32Array> {
    const { target: _, ...feed } = feedOf({ snapshot, places: new Int32Array() });
    return (await this.#forward.run({ ...feed, parameters })).users;
  }

  dispose(): Promise<void> {
    return this.#forward.dispose();
  }
}

/** A prediction, no further out than what training saw. */
export function within(value: number, [low, high]: Kept['range']): number {
  return Math.min(high, Math.max(low, value));
}
