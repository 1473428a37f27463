import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { EtaModelDefinition } from './model.ts';

/** Throws `not-found`, naming the models there are. */
export function modelNamed(models: Record<string, EtaModelDefinition>, id: string): EtaModelDefinition {
  const model = Object.hasOwn(models, id) ? models[id] : undefined;
  if (model) return model;
  throw new EtalonError('not-found', `There is no model “${id}”.`, {
    remedy: `Models: ${Object.keys(models).join(', ')}.`,
  });
}

/** The model of a run that has weights to work with. Throws `conflict` where it has none yet. */
export function runModel(
  models: Record<string, EtaModelDefinition>,
  store: ProjectStore,
  runId: number,
): EtaModelDefinition {
  const run = store.run(runId);
  const model = modelNamed(models, run.model);
  if (!store.loadCheckpoint(runId, 'best'))
    throw new EtalonError('conflict', `Run “${run.name}” has no trained weights yet.`, {
      remedy: 'Train it first, or choose another run.',
    });
  return model;
}
