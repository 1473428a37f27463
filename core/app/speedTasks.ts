import type { ApiSpeedExport } from '../api/contract.ts';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import {
  DAY_S,
  fitSegmentModel,
  historicalProfile,
  localDay,
  profileSource,
  type RoadNetwork,
  readValhallaSpeeds,
  type SpeedExportReport,
  type SpeedSource,
  sampledSource,
  turnDelaysBesideSpeeds,
  weekday,
  writeOsrmSpeeds,
  writeOsrmTurns,
  writeValhallaSpeeds,
} from '../roads/index.ts';
import type { ImportReport } from '../tables/index.ts';
import type { JobRequest } from './jobTypes.ts';
import type { Models } from './model.ts';
import { openTravelModel } from './models.ts';

const WEEK_S = 7 * DAY_S;
/** A run is asked for all segments at steps of this length: 336 questions. */
const RUN_STEP_S = 1800;
/** History has one speed for each hour of the week; it stands at the hour's middle. */
const HISTORY_STEP_S = 3600;

/** Replaces the project's weekly speeds by those of the files, in one transaction. */
export async function importProfiles(
  store: ProjectStore,
  { path, waysPath, skipMalformed }: JobRequest & { kind: 'import-profiles' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const { profiles, report } = await readValhallaSpeeds(
    path,
    waysPath,
    store.readRoads(),
    context,
    skipMalformed,
  );
  throwIfCancelled(context.signal);
  context.report({ stage: 'Saving speeds', done: 0 });
  store.writeProfiles(profiles, report);
  return { ...report, seconds: (performance.now() - started) / 1000 };
}

/** Throws `usage` for a request that lacks what its format needs, `conflict` where there is nothing to export. */
export async function exportSpeeds(
  models: Models,
  store: ProjectStore,
  request: ApiSpeedExport,
  context: TaskContext,
): Promise<SpeedExportReport> {
  const { format, path, waysPath, bin, turnsPath } = request;
  if (format === 'valhalla' && !waysPath)
    throw new EtalonError('usage', 'Valhalla names roads by its own edges, which the roads do not know.', {
      remedy: 'Give the way_edges.txt that valhalla_ways_to_edges writes (--ways).',
    });
  const network = store.readRoads();
  const source = () => speedSource(models, store, request.source, network, context);
  if (format === 'valhalla') return writeValhallaSpeeds(path, waysPath!, network, source, context);
  const delays = turnsPath ? await turnDelays(store, network, context) : undefined;
  const report = await writeOsrmSpeeds(path, network, source, bin ?? null, context);
  if (!turnsPath || !delays) return report;
  return { ...report, turns: await writeOsrmTurns(turnsPath, network, delays, context) };
}

async function turnDelays(
  store: ProjectStore,
  network: RoadNetwork,
  context: TaskContext,
): Promise<Float32Array> {
  const trips = store.readTrips();
  return turnDelaysBesideSpeeds(network, trips, await fitSegmentModel(network, trips, {}, context));
}

async function speedSource(
  models: Models,
  store: ProjectStore,
  wanted: ApiSpeedExport['source'],
  network: RoadNetwork,
  context: TaskContext,
): Promise<SpeedSource> {
  if (wanted === 'profiles') {
    const profiles = store.readProfiles();
    if (profiles) return profileSource(profiles);
    throw new EtalonError('conflict', 'The project has no imported weekly speeds.', {
      remedy: 'Import some, or take the speeds of a run or of the history.',
    });
  }
  return wanted === 'history'
    ? historySource(store, network, context)
    : runSource(models, store, wanted, network, context);
}

async function historySource(
  store: ProjectStore,
  network: RoadNetwork,
  context: TaskContext,
): Promise<SpeedSource> {
  context.report({ stage: 'Averaging trips', done: 0 });
  const history = historicalProfile(network, store.readTrips());
  const monday = mondayAfter(0);
  const speedsKmh = await sampled(network, HISTORY_STEP_S, HISTORY_STEP_S / 2, context, async (weekS) => {
    const localS = monday + weekS;
    return network.lengthM.map((lengthM, segment) => (3.6 * lengthM) / history.segmentS(segment, localS));
  });
  return sampledSource(
    { speedsKmh, segmentCount: network.segmentCount, offsetS: HISTORY_STEP_S / 2, stepS: HISTORY_STEP_S },
    'history of the trips by hour of the week',
  );
}

async function runSource(
  models: Models,
  store: ProjectStore,
  runId: number,
  network: RoadNetwork,
  context: TaskContext,
): Promise<SpeedSource> {
  // A week's speeds need a prediction long after the last observation, and of every segment.
  const model = await openTravelModel(models, store, runId, context);
  try {
    // So long after the last trip nothing is known of current traffic: what is left is the typical week.
    const monday = mondayAfter(lastDeparture(store) + WEEK_S);
    const speedsKmh = await sampled(network, RUN_STEP_S, 0, context, async (weekS) => {
      const ratios = await model.speeds(monday + weekS);
      return ratios.map((ratio, segment) => ratio * network.speedLimitKmh[segment]);
    });
    return sampledSource(
      { speedsKmh, segmentCount: network.segmentCount, offsetS: 0, stepS: RUN_STEP_S },
      `${store.run(runId).name}, asked every ${RUN_STEP_S / 60} minutes of a week`,
    );
  } finally {
    await model.dispose();
  }
}

/** [samples · S] km/h of all segments at each step of a week that begins on Monday 00:00. */
async function sampled(
  { segmentCount }: RoadNetwork,
  stepS: number,
  offsetS: number,
  context: TaskContext,
  speedsAt: (weekS: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const count = WEEK_S / stepS;
  const speeds = new Float32Array(count * segmentCount);
  for (let sample = 0; sample < count; sample++) {
    throwIfCancelled(context.signal);
    context.report({ stage: 'Asking for speeds', done: sample, total: count, unit: 'times' });
    speeds.set(await speedsAt(offsetS + sample * stepS), sample * segmentCount);
    await breathe();
  }
  return speeds;
}

/** The first Monday 00:00 at or after a local time. */
function mondayAfter(localS: number): number {
  const day = localDay(localS + DAY_S - 1);
  return (day + ((7 - weekday(day * DAY_S)) % 7)) * DAY_S;
}

function lastDeparture(store: ProjectStore): number {
  let last = 0;
  for (const localS of store.readTrips().localDepartS) last = Math.max(last, localS);
  return last;
}
