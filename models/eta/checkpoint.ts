import { EtalonError } from '@etalon/core/base';
import type { Checkpoint, ProjectStore } from '@etalon/core/project';
import {
  type CrossFit,
  type CrossFitRecord,
  crossFitFrom,
  type RoadNetwork,
  SupersegmentCatalogue,
} from '@etalon/core/roads';
import type { TrainingSnapshot } from '@etalon/core/train';
import { finiteProgress } from '../recordEpoch.ts';
import type { Calibration } from './calibration.ts';
import type { EtaShape } from './network.ts';
import type { TrainedWeights, TrainingPlace } from './passes.ts';

/** What prediction needs of a trained run. */
export interface TrainedEta extends PreparedEta, TrainedWeights {}

/** What is made of the trips before training. */
export interface PreparedEta {
  models: CrossFit;
  /** The supersegments that have embeddings; null where none have. */
  catalogue: SupersegmentCatalogue | null;
  shape: EtaShape;
}

interface PreparedJson {
  version: 2;
  shape: EtaShape;
  crossFit: CrossFitRecord['json'];
}

interface LatestJson extends PreparedJson {
  progress: Omit<TrainingSnapshot, 'arrays'>;
  refitEpochs?: number;
}

interface BestJson extends PreparedJson {
  calibration: Calibration;
}

/** Array names of the segment models and of the catalogue begin with these; the others are the training state's. */
const MODELS = 'segmentModels/';
const CATALOGUE = 'supersegments/';

export function latestCheckpoint(prepared: PreparedEta, { snapshot, ...place }: TrainingPlace): Checkpoint {
  const json = {
    ...preparedJson(prepared),
    ...place,
    progress: finiteProgress(snapshot),
  } satisfies LatestJson;
  return { epoch: snapshot.epoch, arrays: { ...snapshot.arrays, ...preparedArrays(prepared) }, json };
}

export function bestCheckpoint(trained: TrainedEta, epoch: number): Checkpoint {
  const { parameters, calibration } = trained;
  const json = { ...preparedJson(trained), calibration } satisfies BestJson;
  return { epoch, arrays: { parameters, ...preparedArrays(trained) }, json };
}

export function readLatest(
  network: RoadNetwork,
  checkpoint: Checkpoint,
): { prepared: PreparedEta; place: TrainingPlace } {
  const { progress, refitEpochs, ...json } = checkpoint.json as LatestJson;
  return {
    prepared: restore(network, checkpoint, json),
    place: {
      snapshot: { ...progress, arrays: withoutPrepared(checkpoint.arrays) },
      ...(refitEpochs && { refitEpochs }),
    },
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
    ...restore(store.readRoads(), checkpoint, json),
    parameters: checkpoint.arrays.parameters,
    calibration: json.calibration,
  };
}

function preparedJson({ models, shape }: PreparedEta): PreparedJson {
  return { version: 2, shape, crossFit: models.toRecord().json };
}

function preparedArrays({ models, catalogue }: PreparedEta): Record<string, Float32Array> {
  return {
    ...named(MODELS, models.toRecord().arrays),
    ...(catalogue && named(CATALOGUE, catalogue.toArrays())),
  };
}

function restore(network: RoadNetwork, { arrays }: Checkpoint, json: PreparedJson): PreparedEta {
  if (json.version !== 2)
    throw new EtalonError('conflict', 'The run was trained by an earlier version of the model.', {
      remedy: 'Train a new run with the same settings.',
    });
  const { offsets, segments } = own(CATALOGUE, arrays);
  return {
    models: crossFitFrom(network, { arrays: own(MODELS, arrays), json: json.crossFit }),
    catalogue: offsets ? SupersegmentCatalogue.fromArrays(network.segmentCount, { offsets, segments }) : null,
    shape: json.shape,
  };
}

function named(prefix: string, arrays: Record<string, Float32Array>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [prefix + name, values]));
}

function own(prefix: string, arrays: Record<string, Float32Array>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, values]) => [name.slice(prefix.length), values]),
  );
}

function withoutPrepared(arrays: Record<string, Float32Array>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(arrays).filter(([name]) => !name.startsWith(MODELS) && !name.startsWith(CATALOGUE)),
  );
}
