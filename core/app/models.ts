import { EtalonError, type TaskContext } from '../base/index.ts';
import type { ProjectStore, RunRecord } from '../project/index.ts';
import type { ModelDefinition, Models, OpenEtaModel, OpenModel } from './model.ts';
import type { RecommenderDefinition } from './recommend/definition.ts';

/** Throws `not-found`, naming the models there are. */
export function modelNamed<Model>(models: Readonly<Record<string, Model>>, id: string): Model {
  const model = Object.hasOwn(models, id) ? models[id] : undefined;
  if (model) return model;
  throw new EtalonError('not-found', `There is no model “${id}”.`, {
    remedy: `Models: ${Object.keys(models).join(', ')}.`,
  });
}

/** What there is to know of models to tell their runs' results apart. */
export type ModelKinds = Readonly<Record<string, Pick<Models[string], 'predicts'>>>;

/** What a run predicts, and so what its evaluations are of. Throws `not-found` for a model that is not there. */
export function predictedBy(
  models: ModelKinds,
  { model }: Pick<RunRecord, 'model'>,
): Models[string]['predicts'] {
  return modelNamed(models, model).predicts;
}

/** The model of a run that has weights to work with. Throws `conflict` where it has none yet. */
export function trainedModel(
  models: Models,
  store: ProjectStore,
  runId: number,
): ModelDefinition | RecommenderDefinition {
  const run = store.run(runId);
  const model = modelNamed(models, run.model);
  if (!store.loadCheckpoint(runId, 'best'))
    throw new EtalonError('conflict', `Run “${run.name}” has no trained weights yet.`, {
      remedy: 'Train it first, or choose another run.',
    });
  return model;
}

/** The same for runs of models of traffic. Throws `conflict` for a recommender. */
export function runModel(models: Models, store: ProjectStore, runId: number): ModelDefinition {
  const model = trainedModel(models, store, runId);
  if (model.predicts !== 'items') return model;
  throw new EtalonError('conflict', `Run “${store.run(runId).name}” recommends items, it knows no roads.`, {
    remedy: `Use it with: etalon recommend ${model.id}.`,
  });
}

/** The same for runs of recommenders. Throws `conflict` for a model of traffic. */
export function runRecommender(models: Models, store: ProjectStore, runId: number): RecommenderDefinition {
  const model = trainedModel(models, store, runId);
  if (model.predicts === 'items') return model;
  throw new EtalonError('conflict', `Run “${store.run(runId).name}” does not recommend anything.`, {
    remedy: 'Choose the run of a recommender.',
  });
}

/** Opens a run that predicts travel times. Throws `conflict` for one that forecasts speeds alone. */
export async function openTravelModel(
  models: Models,
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
