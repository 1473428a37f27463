import { EtalonError } from '@etalon/core/base';
import type { Checkpoint, ProjectStore } from '@etalon/core/project';
import { type CrossFit, type CrossFitRecord, crossFitFrom, type RoadNetwork } from '@etalon/core/roads';
import type { TrainingSnapshot } from '@etalon/core/train';
import type { Calibration } from './calibration.ts';
import type { EtaShape } from './network.ts';

/** What prediction needs of a trained run. */
export interface TrainedEta {
  models: CrossFit;
  shape: EtaShape;
  parameters: Float32Array;
  calibration: Calibration;
}

interface PreparedJson {
  version: 1;
  shape: EtaShape;
  crossFit: CrossFitRecord['json'];
}

interface LatestJson extends PreparedJson {
  progress: Omit<TrainingSnapshot, 'arrays'>;
}

interface BestJson extends PreparedJson {
  calibration: Calibration;
}

/** Array names of the segment models begin with this; the others are the training state's. */
const MODELS = 'segmentModels/';

export function latestCheckpoint(models: CrossFit, shape: EtaShape, snapshot: TrainingSnapshot): Checkpoint {
  const { arrays, ...progress } = snapshot;
  const json = { ...preparedJson(models, shape), progress: finiteProgress(progress) } satisfies LatestJson;
  return { epoch: snapshot.epoch, arrays: { ...arrays, ...modelArrays(models) }, json };
}

export function bestCheckpoint(trained: TrainedEta, epoch: number): Checkpoint {
  const { models, shape, parameters, calibration } = trained;
  const json = { ...preparedJson(models, shape), calibration } satisfies BestJson;
  return { epoch, arrays: { parameters, ...modelArrays(models) }, json };
}

export function readLatest(
  network: RoadNetwork,
  checkpoint: Checkpoint,
): { models: CrossFit; shape: EtaShape; snapshot: TrainingSnapshot } {
  const json = checkpoint.json as LatestJson;
  return {
    models: restoreModels(network, checkpoint, json),
    shape: json.shape,
    snapshot: { ...json.progress, arrays: withoutModels(checkpoint.arrays) },
  };
}

/** Throws `conflict` when the run has no checkpoint yet. */
export function readTrained(store: ProjectStore, runId: number): TrainedEta {
  const checkpoint = store.loadCheckpoint(runId, 'best');
  if (!checkpoint)
    throw new EtalonError('conflict', `Run ${store.run(runId).name} has not finished an epoch yet.`, {
      remedy: 'Resume its training, or choose another run.',
    });
  const json = checkpoint.json as BestJson;
  return {
    models: restoreModels(store.readRoads(), checkpoint, json),
    shape: json.shape,
    parameters: checkpoint.arrays.parameters,
    calibration: json.calibration,
  };
}

function preparedJson(models: CrossFit, shape: EtaShape): PreparedJson {
  return { version: 1, shape, crossFit: models.toRecord().json };
}

function modelArrays(models: CrossFit): Record<string, Float32Array> {
  const { arrays } = models.toRecord();
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [MODELS + name, values]));
}

function restoreModels(network: RoadNetwork, { arrays }: Checkpoint, json: PreparedJson): CrossFit {
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(MODELS));
  return crossFitFrom(network, {
    arrays: Object.fromEntries(own.map(([name, values]) => [name.slice(MODELS.length), values])),
    json: json.crossFit,
  });
}

function withoutModels(arrays: Record<string, Float32Array>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(arrays).filter(([name]) => !name.startsWith(MODELS)));
}

/** JSON has no infinity: before the first best score, the largest number stands for it. */
function finiteProgress<P extends { bestScore: number }>(progress: P): P {
  return { ...progress, bestScore: Math.min(progress.bestScore, Number.MAX_VALUE) };
}
