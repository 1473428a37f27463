import { EtalonError, type TaskContext } from '../base/index.ts';
import type { ProjectStore, RunRecord } from '../project/index.ts';
import type { ModelDefinition, OpenEtaModel, OpenModel } from './model.ts';

/** Throws `not-found`, naming the models there are. */
export function modelNamed<Model>(models: Readonly<Record<string, Model>>, id: string): Model {
  const model = Object.hasOwn(models, id) ? models[id] : undefined;
  if (model) return model;
  throw new EtalonError('not-found', `There is no model “${id}”.`, {
    remedy: `Models: ${Object.keys(models).join(', ')}.`,
  });
}

/** What there is to know of models to tell their runs' results apart. */
export type ModelKinds = Readonly<Record<string, Pick<ModelDefinition, 'predicts'>>>;

/** What a run predicts, and so what its evaluations are of. Throws `not-found` for a model that is not there. */
export function predictedBy(
  models: ModelKinds,
  { model }: Pick<RunRecord, 'model'>,
): ModelDefinition['predicts'] {
  return modelNamed(models, model).predicts;
}

/** The model of a run that has weights to work with. Throws `conflict` where it has none yet. */
export function runModel(
  models: Record<string, ModelDefinition>,
  store: ProjectStore,
  runId: number,
): ModelDefinition {
  const run = store.run(runId);
  const model = modelNamed(models, run.model);
  if (!store.loadCheckpoint(runId, 'best'))
    throw new EtalonError('conflict', `Run “${run.name}” has no trained weights yet.`, {
      remedy: 'Train it first, or choose another run.',
    });
  return model;
}

/** Opens a run that predicts travel times. Throws `conflict` for one that forecasts speeds alone. */
export async function openTravelModel(
  models: Record<string, ModelDefinition>,
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<OpenEtaModel> {
  const model = await runModel(models, store, runId).open(store, runId, context);
  return asTravelModel(model, store.run(runId).name);
}

/** Throws `conflict` for a run that forecasts speeds alone. */
export function asTravelModel(model: OpenModel, runName: string): OpenEtaModel {
  if ('route' in model) return model as OpenEtaModel;
  throw new EtalonError('conflict', `Run “${runName}” forecasts speeds of segments, not times of routes.`, {
    remedy: 'Choose a run of the model eta.',
  });
}
