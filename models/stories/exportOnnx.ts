import type { ExportReport } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { programInputs } from '@etalon/core/tensor';
import { exportChecked } from '../checkedExport.ts';
import { loadStories } from './open.ts';
import { feedOf } from './snapshots.ts';

/** Pairs on which the file is held to the engine. */
const CHECKED_PAIRS = 1000;

const DOCS = {
  nodeFeatures: 'Raw features of each user; columns in the metadata "userFeatures".',
  edgeFeatures: 'Raw features of each directed edge between friends; columns in the metadata "pairFeatures".',
  senders: 'Row of the user that each edge leaves.',
  receivers: 'Row of the user that each edge enters.',
  asked: 'Edge from viewer to author of each pair that is asked for.',
  'pair/fromFirst': 'Pair (place in asked) that each link from the viewer to another friend belongs to.',
  'edge/fromFirst': 'Edge of that link.',
  'pair/toSecond': 'Pair that each link from another friend to the author belongs to.',
  'edge/toSecond': 'Edge of that link.',
  'pair/between': 'Pair that each link from a friend of the viewer to a friend of the author belongs to.',
  'edge/between': 'Edge of that link.',
  users: 'State of each user after the last layer.',
  affinity: 'Predicted affinity of each pair, in the unit of the target.',
};

/** Writes the run's network as an ONNX file, held to the engine on pairs of the project; see {@link exportChecked}. */
export async function exportStories(
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const { data, edges, network, parameters, kept, asked } = loadStories(store, runId, 'everything');
  const inputs = programInputs(network.forward);
  const all = Object.entries(feedOf({ ...asked, places: asked.places.subarray(0, CHECKED_PAIRS) }));
  const feed = Object.fromEntries(all.filter(([name]) => inputs.has(name)));
  return exportChecked(
    path,
    {
      forward: network.forward,
      parameters,
      docs: DOCS,
      doc: `Friend story ranking: run ${store.run(runId).name} of project ${store.info().name}.`,
      metadata: {
        'etalon.model': 'stories',
        edges,
        target: kept.target,
        users: JSON.stringify(data.nodes(data.edges(edges).from).ids),
        userFeatures: JSON.stringify(kept.scales.nodes.names),
        pairFeatures: JSON.stringify(kept.scales.edges.names),
      },
      feeds: async () => [feed],
    },
    context,
  );
}
