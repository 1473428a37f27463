import type { RecommenderConfig, RecommenderDefinition } from '@etalon/core/app/model';
import type { ProjectStore } from '@etalon/core/project';
import { openClasses, trainClasses } from './graph/classifier.ts';
import { edgesSystem } from './graph/edges.ts';
import { CLASS_BASELINES, evaluateClasses } from './graph/evaluateClasses.ts';
import { EDGE_BASELINES, evaluateEdges } from './graph/evaluateEdges.ts';
import { exportClasses } from './graph/exportClasses.ts';
import { graphSettingInfos, parseGraphSettings } from './graph/settings.ts';
import { defineRecommender } from './recommend/define.ts';

type Tasks = Pick<RecommenderDefinition, 'train' | 'open' | 'exportOnnx'> & {
  evaluate: NonNullable<RecommenderDefinition['evaluate']>;
};

const classes: Tasks = {
  train: trainClasses,
  open: openClasses,
  evaluate: evaluateClasses,
  exportOnnx: exportClasses,
};
const edges: Tasks = { ...defineRecommender(edgesSystem), evaluate: evaluateEdges };

/** What its run's setting `task` asks for. */
function ofRun(store: ProjectStore, runId: number): Tasks {
  const { task } = parseGraphSettings((store.run(runId).config as RecommenderConfig).settings);
  return task === 'nodes' || task === 'graphs' ? classes : edges;
}

/**
 * Graph basics on any imported graph: classes of nodes or of whole graphs, missing links, and edges reconstructed from states, by GCN, GAT,
 * GraphSAGE or GIN.
 */
export const graph: RecommenderDefinition = {
  id: 'graph',
  predicts: 'items',
  settings: graphSettingInfos,
  parseSettings: (settings) => ({ ...parseGraphSettings(settings) }),
  baselines: { ...CLASS_BASELINES, ...EDGE_BASELINES },
  train: (store, runId, context) => ofRun(store, runId).train(store, runId, context),
  evaluate: (store, runId, context) => ofRun(store, runId).evaluate(store, runId, context),
  open: (store, runId, knowledge, context) => ofRun(store, runId).open(store, runId, knowledge, context),
  exportOnnx: (store, runId, path, context) => ofRun(store, runId).exportOnnx(store, runId, path, context),
};
