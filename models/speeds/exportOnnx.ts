import type { ExportReport, RunConfig } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { exportChecked } from '../checkedExport.ts';
import type { Normalisation } from '../normalisation.ts';
import { SpeedBatches } from './batch.ts';
import { readTrained } from './checkpoint.ts';
import { speedNetwork } from './network.ts';
import { openSource } from './openSource.ts';
import { horizonMinutes, parseSpeedSettings } from './settings.ts';
import { EDGE_COLUMNS, GRAPH_COLUMNS, nodeColumns } from './windows.ts';

const CHECK_BATCHES = 4;
const CHECK_WINDOWS = 2;

const DOCS: Record<string, string> = {
  nodeFeatures: 'Features of each segment at a moment, raw; columns and units in the metadata "features".',
  edgeFeatures: 'Features of each edge between segments, raw.',
  graphFeatures: 'Features of each moment, raw.',
  senders: 'Node that each edge leaves.',
  receivers: 'Node that each edge enters.',
  nodeGraph: 'Moment that each node belongs to.',
  segment: 'Place of the segment in the metadata "segments".',
  lastDeviation: 'Last observed speed − history at that time, km/h; 0 where nothing was observed.',
  history: 'Speed that the history expects at each horizon, km/h.',
  speed: 'Forecast of each horizon, km/h.',
  logSigma: 'Log standard deviation of the error, in units of the metadata "scaleKmh", before calibration.',
};

/** Writes the run's network as an ONNX file, held to the engine on the newest observations; see {@link exportChecked}. */
export async function exportRun(
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const run = store.run(runId);
  const settings = parseSpeedSettings((run.config as RunConfig).settings);
  const trained = readTrained(store, runId);
  const { source } = openSource(store, trained, settings);
  const { matrix, historyRows, network } = source;
  if (matrix.steps < historyRows)
    throw new EtalonError('conflict', 'The project has no observations any more to check the file with.', {
      remedy: 'Import them again.',
    });
  const describe = (columns: Normalisation, known: readonly { name: string; unit: string }[]) =>
    columns.names.map((name, i) => ({
      name,
      unit: known.find((column) => column.name === name)!.unit,
      mean: columns.mean[i],
      deviation: columns.deviation[i],
    }));
  const { shape, calibration, parameters, segments } = trained;
  const batches = new SpeedBatches(source, shape);
  const newest = Array.from(
    { length: Math.min(CHECK_BATCHES * CHECK_WINDOWS, matrix.steps) },
    (_, k) => matrix.steps - 1 - k,
  );
  const model = {
    forward: speedNetwork(shape, settings).forward,
    parameters,
    docs: DOCS,
    doc: `Speeds of segments ahead: run ${run.name} of project ${store.info().name}.`,
    metadata: {
      'etalon.model': 'speeds',
      features: JSON.stringify({
        nodeFeatures: describe(shape.nodes, nodeColumns(source)),
        edgeFeatures: describe(shape.edges, EDGE_COLUMNS),
        graphFeatures: describe(shape.graphs, GRAPH_COLUMNS),
        normalisation: 'inside the file: feed raw values',
      }),
      segments: JSON.stringify(Array.from(segments, (segment) => network.refs[segment])),
      horizonMinutes: JSON.stringify(horizonMinutes(settings)),
      stepS: String(trained.stepS),
      scaleKmh: String(shape.scaleKmh),
      calibration: JSON.stringify(calibration),
      outputs: JSON.stringify({ speed: 'km/h', logSigma: 'log of a ratio' }),
      timeZone: store.info().timeZone ?? '',
    },
    feeds: async () =>
      Array.from({ length: Math.ceil(newest.length / CHECK_WINDOWS) }, (_, k) =>
        batches.forward(newest.slice(k * CHECK_WINDOWS, (k + 1) * CHECK_WINDOWS)),
      ),
  };
  return exportChecked(path, model, context);
}
