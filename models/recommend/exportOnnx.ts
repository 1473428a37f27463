import type { ExportReport } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { exportChecked } from '../checkedExport.ts';
import { loadRun } from './open.ts';
import type { TrainingSettings } from './settings.ts';
import type { Prepared, RecommenderSystem } from './system.ts';

const DOCS = {
  users: 'Final state of each user; its inner product with an item’s is their score.',
  items: 'Final state of each item.',
  senders: 'Node that each edge leaves; users come first, then items.',
  receivers: 'Node that each edge enters.',
};

/** Writes the run's network as an ONNX file over the project's interactions, held to the engine on them; see {@link exportChecked}. */
export async function exportRun<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const run = store.run(runId);
  const loaded = await loadRun(system, store, runId, 'everything', context);
  const { data, edges, prepared, network, parameters, settings } = loaded;
  const { from, to } = data.edges(edges);
  return exportChecked(
    path,
    {
      forward: network.forward,
      parameters,
      docs: { ...system.docs, ...DOCS },
      doc: `Recommendations: run ${run.name} of project ${store.info().name}.`,
      metadata: {
        'etalon.model': system.id,
        edges,
        users: JSON.stringify(data.nodes(from).ids),
        items: JSON.stringify(data.nodes(to).ids),
        userFeatures: JSON.stringify(prepared.features.users?.columns ?? []),
        itemFeatures: JSON.stringify(prepared.features.items?.columns ?? []),
      },
      feeds: async () => system.exportFeeds?.(prepared, settings) ?? [prepared.feed],
    },
    context,
  );
}
