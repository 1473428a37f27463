import type { ExportReport } from '@etalon/core/app/model';
import { plural, type TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { exportChecked } from '../checkedExport.ts';
import { loadClasses } from './classifier.ts';

const DOCS = {
  x: 'Features of each node; columns in the metadata "columns".',
  senders: 'Node that each edge leaves; a pair is an edge each way, and with attention each node has a loop.',
  receivers: 'Node that each edge enters.',
  nodeGraph: 'Graph that each node belongs to.',
  graphSize: 'log(1 + nodes) of each graph.',
  probabilities: 'Of each node or graph, a column for each class in the metadata "classes".',
  states: 'What the probabilities are a softmax of a linear map of.',
};

/** Writes the run's network as an ONNX file, held to the engine on the project's graph; see {@link exportChecked}. */
export async function exportClasses(
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const { network, parameters, rows, feeds, settings } = loadClasses(store, runId);
  return exportChecked(
    path,
    {
      forward: network.forward,
      parameters,
      docs: DOCS,
      doc: `Classes of ${plural(rows.called)}: run ${store.run(runId).name} of project ${store.info().name}.`,
      metadata: {
        'etalon.model': 'graph',
        task: settings.task,
        label: rows.label,
        classes: JSON.stringify(rows.classes),
        columns: JSON.stringify(rows.attributed.columns),
        rows: JSON.stringify(rows.ids),
      },
      feeds: async () => [feeds.whole],
    },
    context,
  );
}
