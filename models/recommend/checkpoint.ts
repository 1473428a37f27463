import { EtalonError } from '@etalon/core/base';
import type { ParameterLayout } from '@etalon/core/gnn';
import type { InteractionData } from '@etalon/core/interactions';
import type { Checkpoint, ProjectStore } from '@etalon/core/project';
import type { TrainingSnapshot } from '@etalon/core/train';
import { finiteProgress } from '../recordEpoch.ts';
import type { NodeRows } from './system.ts';

/** What outlasts training beside the weights. */
export interface TrainedShape {
  /** What the system keeps of the data. */
  readonly kept: unknown;
  /** Where each parameter stands in the weights, and of which nodes it has rows. */
  readonly layout: readonly { name: string; shape: readonly number[]; offset: number }[];
  /** By type of nodes: whose rows they are. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
}

interface TrainedJson extends TrainedShape {
  version: 1;
}

export interface TrainedRecommender extends TrainedShape {
  readonly parameters: Float32Array;
}

export function trainedShape(
  kept: unknown,
  layout: ParameterLayout,
  nodeRows: readonly NodeRows[],
  data: InteractionData,
): TrainedShape {
  return {
    kept,
    layout: layout.parameters.map(({ name, shape, offset }) => ({ name, shape, offset })),
    ids: Object.fromEntries(nodeRows.map(({ nodes }) => [nodes, data.nodes(nodes).ids])),
  };
}

export function latestCheckpoint({ kept }: TrainedShape, snapshot: TrainingSnapshot): Checkpoint {
  return {
    epoch: snapshot.epoch,
    arrays: snapshot.arrays,
    json: { version: 1, kept, progress: finiteProgress(snapshot) },
  };
}

export function bestCheckpoint(shape: TrainedShape, { epoch, arrays }: TrainingSnapshot): Checkpoint {
  return {
    epoch,
    arrays: { parameters: arrays.average },
    json: { version: 1, ...shape } satisfies TrainedJson,
  };
}

export function readLatest({ json, arrays }: Checkpoint): { kept: unknown; snapshot: TrainingSnapshot } {
  const { kept, progress } = json as { kept: unknown; progress: Omit<TrainingSnapshot, 'arrays'> };
  return { kept, snapshot: { ...progress, arrays } };
}

/** Throws `conflict` when the run has no checkpoint yet. */
export function readTrained(store: ProjectStore, runId: number): TrainedRecommender {
  const checkpoint = store.loadCheckpoint(runId, 'best');
  if (!checkpoint)
    throw new EtalonError('conflict', `Run ${store.run(runId).name} has not finished an epoch yet.`, {
      remedy: 'Resume its training, or choose another run.',
    });
  return { ...(checkpoint.json as TrainedJson), parameters: checkpoint.arrays.parameters };
}

/**
 * The weights for data that may have other users and items than training had: rows of those that stayed are found by their
 * identifiers, rows of those that are new are 0, so that nothing but features and neighbours speaks for them.
 */
export function weightsFor(
  { parameters, layout: trained, ids }: TrainedRecommender,
  layout: ParameterLayout,
  nodeRows: readonly NodeRows[],
  data: InteractionData,
): Float32Array {
  const weights = new Float32Array(layout.size);
  for (const { name, shape, offset, size } of layout.parameters) {
    const old = trained.find((parameter) => parameter.name === name);
    if (!old) throw new EtalonError('internal', `internal: the run has no weights "${name}"`);
    const rows = nodeRows.find(({ parameter }) => parameter === name);
    if (!rows) {
      weights.set(parameters.subarray(old.offset, old.offset + size), offset);
      continue;
    }
    const width = size / shape[0];
    const nodes = data.nodes(rows.nodes);
    ids[rows.nodes].forEach((id, oldRow) => {
      const row = nodes.rowOf(id);
      const from = old.offset + oldRow * width;
      if (row !== undefined) weights.set(parameters.subarray(from, from + width), offset + row * width);
    });
  }
  return weights;
}
