import type { RecommenderDefinition } from '@etalon/core/app/model';
import { exportRun } from './exportOnnx.ts';
import { openRun } from './open.ts';
import { trainRun } from './run.ts';
import type { TrainingSettings } from './settings.ts';
import type { Prepared, RecommenderSystem } from './system.ts';

/** Makes a system a model that the application can train, judge, ask and export. */
export function defineRecommender<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
): RecommenderDefinition {
  return {
    id: system.id,
    predicts: 'items',
    settings: system.settings,
    parseSettings: (settings) => Object.fromEntries(Object.entries(system.parseSettings(settings))),
    train: (store, runId, context) => trainRun(system, store, runId, context),
    open: (store, runId, knowledge, context) => openRun(system, store, runId, knowledge, context),
    ...(system.prefers && { prefers: system.prefers }),
    ...(system.asks && { asks: system.asks }),
    ...(system.sharedBy && { sharedBy: system.sharedBy }),
    ...(system.baselines && { baselines: system.baselines }),
    ...(system.evaluate && { evaluate: system.evaluate }),
    exportOnnx: (store, runId, path, context) => exportRun(system, store, runId, path, context),
  };
}
