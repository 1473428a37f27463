import type { RunConfig } from '@etalon/core/app/model';
import { EtalonError, type Random, type TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import {
  type CrossFit,
  crossFit,
  LiveIndex,
  localDay,
  type RoadNetwork,
  type TripSet,
} from '@etalon/core/roads';
import { allFeatures, fitNormalisation, rawFeatures } from './features.ts';
import type { EtaShape } from './network.ts';
import { describePaths, type PathSet, wholePaths } from './paths.ts';
import type { EtaSettings } from './settings.ts';

/** The fewest trips from which a model is worth training. */
const LEAST_TRIPS = 200;
/** Trips whose features settle the normalisation. */
const NORMALISATION_TRIPS = 2000;

export interface TrainingData {
  network: RoadNetwork;
  trips: TripSet;
  /** Positions of the trips, split by whole days: the last ones validate. */
  trainTrips: number[];
  validationTrips: number[];
}

/** Splits by time, never at random: whole days, the last `share` of them for validation. */
export function splitByDays(
  trips: TripSet,
  share: number,
): Pick<TrainingData, 'trainTrips' | 'validationTrips'> {
  const days = [...new Set(Array.from(trips.localDepartS, localDay))].sort((a, b) => a - b);
  const held = Math.max(1, Math.round(days.length * share));
  const firstHeld = days.length > 1 ? days[days.length - held] : Number.NEGATIVE_INFINITY;
  const trainTrips: number[] = [];
  const validationTrips: number[] = [];
  for (let trip = 0; trip < trips.count; trip++)
    (localDay(trips.localDepartS[trip]) < firstHeld ? trainTrips : validationTrips).push(trip);
  if (days.length < 2)
    throw new EtalonError('input', `All ${trips.count} trips are of one day.`, {
      remedy: 'Import trips of at least two days: one trains, a later one validates.',
    });
  return { trainTrips, validationTrips };
}

export function readTrainingData(
  store: ProjectStore,
  config: RunConfig,
  settings: EtaSettings,
): TrainingData {
  const network = store.readRoads();
  const trips = store.readTrips({
    ...(config.from && { from: config.from }),
    ...(config.until && { until: config.until }),
  });
  if (trips.count < LEAST_TRIPS)
    throw new EtalonError(
      'conflict',
      `The training period has ${trips.count} trips; at least ${LEAST_TRIPS} are needed.`,
      { remedy: 'Import more trips, or widen the period with --from and --until.' },
    );
  return { network, trips, ...splitByDays(trips, settings.validationShare) };
}

/** Segment models by cross-fit, so that no trip's inputs were made from its own time (see CrossFit). */
export function fitModels(data: TrainingData, context: TaskContext): Promise<CrossFit> {
  return crossFit(data.network, data.trips, {}, context);
}

export function describeTrainingPaths(
  data: TrainingData,
  models: CrossFit,
  context: TaskContext,
): Promise<PathSet> {
  const live = new LiveIndex(data.network, data.trips, models);
  return describePaths(data.trips, models, live, context);
}

/** Fits the normalisation on a sample of the training trips. */
export function fitShape(data: TrainingData, models: CrossFit, paths: PathSet, random: Random): EtaShape {
  const sample = random.shuffle([...data.trainTrips]).slice(0, NORMALISATION_TRIPS);
  const features = allFeatures(paths);
  const raw = rawFeatures(data.network, models, paths, wholePaths(paths, sample), features);
  return {
    segments: data.network.segmentCount,
    nodes: fitNormalisation(raw.nodes, features.nodes),
    edges: fitNormalisation(raw.edges, features.edges),
    graphs: fitNormalisation(raw.graphs, features.graphs),
  };
}

export function meanSeconds(trips: TripSet, positions: readonly number[]): number {
  return positions.reduce((total, trip) => total + trips.totalS[trip], 0) / positions.length;
}
