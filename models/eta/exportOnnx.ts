import { rmSync, writeFileSync } from 'node:fs';
import type { ExportReport, RunConfig } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import { type Feed, OnnxFile, openDevice } from '@etalon/core/device';
import { exportModel, readOnnxMetadata } from '@etalon/core/onnx';
import type { ProjectStore } from '@etalon/core/project';
import { ROAD_CLASSES, selectTrips, type TripSet } from '@etalon/core/roads';
import { bindSizes, concreteShape, type Program, programInputs } from '@etalon/core/tensor';
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
const FORMAT_VERSION = '1';
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
  roadClass: 'Index of the road class; names in the metadata "roadClasses".',
  expectedS: 'Seconds that the segment model expects of each traversal.',
  tripConstantS:
    'Seconds that the segment model expects of a trip besides its traversals; 0 for a part of a trip.',
  seconds: 'Predicted seconds of each traversal, before calibration.',
  total: 'Predicted seconds of each path, before calibration: multiply by the calibration factor.',
  logSigma: 'Log standard deviation of the log travel time, before calibration.',
};

/**
 * Writes the run's network as an ONNX file with its weights, then runs the file with plain ONNX Runtime beside the engine on
 * real trips. Throws `internal` when they differ by more than 1e-4, `cancelled`: the file is then not left behind as if it
 * were right.
 */
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
  context.report({ stage: 'Writing the file', done: 0, total: 2, unit: 'steps' });
  const bytes = exportModel(forward, {
    parameters: { parameters: trained.parameters },
    docs: DOCS,
    doc: `Travel times of paths of road segments: run ${run.name} of project ${store.info().name}.`,
    producer: { name: 'etalon', version: FORMAT_VERSION },
    metadata: metadata(trained, store.info().timeZone),
  });
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw new EtalonError('input', `The file cannot be written: ${(cause as Error).message}`, {
      where: { file: path },
      remedy: 'Choose a folder that exists and that you may write to.',
      cause,
    });
  }
  context.report({ stage: 'Checking the file with ONNX Runtime', done: 1, total: 2, unit: 'steps' });
  const check = await compareWithEngine(store, { trained, settings, forward, path }, context).catch(
    (error) => {
      rmSync(path, { force: true });
      throw error;
    },
  );
  const { inputs, outputs } = readOnnxMetadata(bytes);
  return {
    path,
    bytes: bytes.length,
    inputs: inputs.map(nameAndShape),
    outputs: outputs.map(nameAndShape),
    ...check,
  };
}

function nameAndShape({ name, shape }: { name: string; shape: readonly (number | string)[] }) {
  return { name, shape: [...shape] };
}

function metadata({ shape, calibration }: TrainedEta, timeZone: string | null): Record<string, string> {
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
    'etalon.format': FORMAT_VERSION,
    features: JSON.stringify({
      nodeFeatures: describe(shape.nodes, units.nodes),
      edgeFeatures: describe(shape.edges, units.edges),
      graphFeatures: describe(shape.graphs, units.graphs),
      normalisation: 'inside the file: feed raw values',
    }),
    roadClasses: JSON.stringify(ROAD_CLASSES),
    calibration: JSON.stringify(calibration),
    outputs: JSON.stringify({ seconds: 's', total: 's', logSigma: 'log of a ratio' }),
    timeZone: timeZone ?? '',
  };
}

/** Names of the live figures among the columns, as the live index calls them. */
function liveNames({ names }: Normalisation): string[] {
  return names.filter((name) => name.startsWith(LIVE)).map((name) => name.slice(LIVE.length));
}

interface Written {
  trained: TrainedEta;
  settings: EtaSettings;
  forward: Program;
  path: string;
}

async function compareWithEngine(
  store: ProjectStore,
  { trained, settings, forward, path }: Written,
  context: TaskContext,
): Promise<{ maxRelativeDifference: number; checked: number }> {
  const network = store.readRoads();
  const trips = newestTrips(store.readTrips(), CHECK_BATCHES * CHECK_PATHS);
  const traffic = new Traffic(network, trips, trained.models, settings, store.readObservations());
  const paths = await describePaths(trips, trained.models, traffic, context);
  const source = batchSource({ ...trained, network, paths, traffic }, settings);
  const stretches = wholePaths(paths, Array(trips.count).keys());

  const device = await openDevice('cpu');
  const file = await OnnxFile.open(path);
  try {
    const engine = await device.compile(forward);
    let worst = 0;
    let checked = 0;
    for (let begin = 0; begin < stretches.length; begin += CHECK_PATHS) {
      const feed = forwardFeed(source, stretches.slice(begin, begin + CHECK_PATHS));
      const ours = await engine.run({ ...feed, parameters: trained.parameters });
      const theirs = await file.run(feed, feedShapes(forward, feed, trained.parameters));
      for (const name of Object.keys(ours))
        worst = Math.max(worst, relativeDifference(ours[name], theirs[name]));
      checked++;
    }
    if (!(worst <= 1e-4))
      throw new EtalonError(
        'internal',
        `The exported file differs from the engine by ${worst.toExponential(1)}.`,
        {
          where: { file: path },
          remedy: 'Do not use this file; please report it with the project.',
        },
      );
    return { maxRelativeDifference: worst, checked };
  } finally {
    await file.close();
    await device.dispose();
  }
}

function newestTrips(trips: TripSet, count: number): TripSet {
  const first = Math.max(0, trips.count - count);
  return selectTrips(
    trips,
    Array.from({ length: trips.count - first }, (_, i) => first + i),
  );
}

function feedShapes(program: Program, feed: Feed, parameters: Float32Array): Record<string, number[]> {
  const sizes = bindSizes(program, { ...feed, parameters });
  return Object.fromEntries(
    [...programInputs(program)].map(([name, node]) => [name, concreteShape(node.shape, sizes)]),
  );
}

/** Largest difference of two arrays as a share of the larger of the two values, or of 1 where both are smaller. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++)
    worst = Math.max(worst, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i]), Math.abs(b[i])));
  return worst;
}
