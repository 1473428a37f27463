import { EtalonError } from '@etalon/core/base';
import type { Checkpoint, ProjectStore } from '@etalon/core/project';
import type { TrainingSnapshot } from '@etalon/core/train';
import { finiteProgress } from '../recordEpoch.ts';
import type { HorizonCalibration } from './calibration.ts';
import type { SpeedShape } from './network.ts';
import type { PreparedSpeeds } from './prepare.ts';

/** What forecasts need of a trained run. */
export interface TrainedSpeeds extends PreparedSpeeds {
  parameters: Float32Array;
  /** [H] */
  calibration: HorizonCalibration[];
}

interface PreparedJson {
  version: 1;
  shape: SpeedShape;
  stepS: number;
  segments: number[];
  fromDay: number;
  untilDay: number;
}

/** The profile's arrays stand beside those of the training state. */
const SUM = 'profile/sum';
const COUNT = 'profile/count';

export function latestCheckpoint(prepared: PreparedSpeeds, snapshot: TrainingSnapshot): Checkpoint {
  const { json, arrays } = packed(prepared);
  return {
    epoch: snapshot.epoch,
    arrays: { ...snapshot.arrays, ...arrays },
    json: { ...json, progress: finiteProgress(snapshot) },
  };
}

export function bestCheckpoint(
  { parameters, calibration, ...prepared }: TrainedSpeeds,
  epoch: number,
): Checkpoint {
  const { json, arrays } = packed(prepared);
  return { epoch, arrays: { parameters, ...arrays }, json: { ...json, calibration } };
}

export function readLatest(checkpoint: Checkpoint): PreparedSpeeds & { snapshot: TrainingSnapshot } {
  const { progress } = checkpoint.json as { progress: Omit<TrainingSnapshot, 'arrays'> };
  const { [SUM]: _sum, [COUNT]: _count, ...arrays } = checkpoint.arrays;
  return { ...unpacked(checkpoint), snapshot: { ...progress, arrays } };
}

/** Throws `conflict` when the run has no checkpoint yet. */
export function readTrained(store: ProjectStore, runId: number): TrainedSpeeds {
  const checkpoint = store.loadCheckpoint(runId, 'best');
  if (!checkpoint)
    throw new EtalonError('conflict', `Run ${store.run(runId).name} has not finished an epoch yet.`, {
      remedy: 'Resume its training, or choose another run.',
    });
  const { calibration } = checkpoint.json as Pick<TrainedSpeeds, 'calibration'>;
  return { ...unpacked(checkpoint), parameters: checkpoint.arrays.parameters, calibration };
}

function packed({ segments, stepS, history, shape }: PreparedSpeeds) {
  const { sum, count, fromDay, untilDay } = history;
  const json: PreparedJson = { version: 1, shape, stepS, segments: [...segments], fromDay, untilDay };
  return { json, arrays: { [SUM]: sum, [COUNT]: count } };
}

function unpacked({ json, arrays }: Checkpoint): PreparedSpeeds {
  const { shape, stepS, segments, fromDay, untilDay } = json as PreparedJson;
  return {
    segments: Int32Array.from(segments),
    stepS,
    history: { sum: arrays[SUM], count: arrays[COUNT], fromDay, untilDay },
    shape,
  };
}
