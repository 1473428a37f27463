import type { ExportReport, RunConfig } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { ROAD_CLASSES, selectTrips, type TripSet } from '@etalon/core/roads';
import type { Program } from '@etalon/core/tensor';
import { exportChecked } from '../checkedExport.ts';
import type { Normalisation } from '../normalisation.ts';
import { batchSource, forwardFeed } from './batch.ts';
import { readTrained, type TrainedEta } from './checkpoint.ts';
import { allFeatures } from './features.ts';
import { etaNetwork } from './network.ts';
import { describePaths, wholePaths } from './paths.ts';
import { type EtaSettings, parseEtaSettings } from './settings.ts';
import { Traffic } from './traffic.ts';

const CHECK_BATCHES = 4;
const CHECK_PATHS = 16;
const LIVE = 'live.';

const DOCS: Record<string, string> = {
  nodeFeatures: 'Features of each traversed segment, raw; columns and units in the metadata "features".',
  edgeFeatures: 'Features of each edge, raw. Each step of a path is two edges: onward, then back.',
  graphFeatures: 'Features of each path, raw.',
  onRoute: '1 for a segment of the path, 0 for one around it.',
  senders: 'Node that each edge leaves.',
  receivers: 'Node that each edge enters.',
  nodeGraph: 'Path that each node belongs to.',
  segment: 'Index of the segment in the road network of the project.',
  supersegment:
    'Number of the supersegment of the catalogue that shares most of the path; their count for none.',
  horizon:
    'Which networks answer: minutes from the departure to the start of the paths ÷ 10, rounded, the last for all later; one for all paths.',
  roadClass: 'Index of the road class; names in the metadata "roadClasses".',
  expectedS: 'Seconds that the segment model expects of each traversal.',
  tripConstantS:
    'Seconds that the segment model expects of a trip besides its traversals; 0 for a part of a trip.',
  seconds: 'Predicted seconds of each traversal, before calibration.',
  total: 'Predicted seconds of each path, before calibration: multiply by the calibration factor.',
  logSigma: 'Log standard deviation of the log travel time, before calibration.',
  logLow: 'Log of the 10 % quantile of the travel time over total, before calibration.',
  logHigh: 'Log of the 90 % quantile of the travel time over total, before calibration.',
};

/** Writes the run's network as an ONNX file, held to the engine on the newest trips; see {@link exportChecked}. */
export async function exportRun(
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const run = store.run(runId);
  const trained = readTrained(store, runId);
  const settings = parseEtaSettings((run.config as RunConfig).settings);
  const { forward } = etaNetwork(trained.shape, settings);
  const model = {
    forward,
    parameters: trained.parameters,
    docs: DOCS,
    doc: `Travel times of paths of road segments: run ${run.name} of project ${store.info().name}.`,
    metadata: metadata(trained, forward, store.info().timeZone),
    feeds: () => checkFeeds(store, trained, settings, context),
  };
  return exportChecked(path, model, context);
}

function metadata(
  { shape, calibration }: TrainedEta,
  forward: Program,
  timeZone: string | null,
): Record<string, string> {
  const units = allFeatures({ liveNames: liveNames(shape.nodes), cityNames: liveNames(shape.graphs) });
  const describe = (columns: Normalisation, known: readonly { name: string; unit: string }[]) =>
    columns.names.map((name, i) => ({
      name,
      unit: known.find((feature) => feature.name === name)!.unit,
      mean: columns.mean[i],
      deviation: columns.deviation[i],
    }));
  return {
    'etalon.model': 'eta',
    features: JSON.stringify({
      nodeFeatures: describe(shape.nodes, units.nodes),
      edgeFeatures: describe(shape.edges, units.edges),
      graphFeatures: describe(shape.graphs, units.graphs),
      normalisation: 'inside the file: feed raw values',
    }),
    roadClasses: JSON.stringify(ROAD_CLASSES),
    calibration: JSON.stringify(calibration),
    outputs: JSON.stringify(
      Object.fromEntries(
        forward.outputs.map(({ name }) => [name, name.startsWith('log') ? 'log of a ratio' : 's']),
      ),
    ),
    timeZone: timeZone ?? '',
  };
}

/** Names of the live figures among the columns, as the live index calls them. */
function liveNames({ names }: Normalisation): string[] {
  return names.filter((name) => name.startsWith(LIVE)).map((name) => name.slice(LIVE.length));
}

async function checkFeeds(
  store: ProjectStore,
  trained: TrainedEta,
  settings: EtaSettings,
  context: TaskContext,
): Promise<Feed[]> {
  const network = store.readRoads();
  const trips = newestTrips(store.readTrips(), CHECK_BATCHES * CHECK_PATHS);
  const traffic = new Traffic(network, trips, trained.models, settings, store.readObservations());
  const paths = await describePaths(trips, trained.models, traffic, context);
  const source = batchSource({ ...trained, network, paths, traffic }, settings);
  const stretches = wholePaths(paths, Array(trips.count).keys());
  const feeds: Feed[] = [];
  for (let begin = 0; begin < stretches.length; begin += CHECK_PATHS)
    feeds.push(forwardFeed(source, stretches.slice(begin, begin + CHECK_PATHS)));
  return feeds;
}

function newestTrips(trips: TripSet, count: number): TripSet {
  const first = Math.max(0, trips.count - count);
  return selectTrips(
    trips,
    Array.from({ length: trips.count - first }, (_, i) => first + i),
  );
}
