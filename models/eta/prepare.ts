import type { RunConfig } from '@etalon/core/app/model';
import { EtalonError, Random, type TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import {
  type CrossFit,
  countTraffic,
  crossFit,
  localDay,
  type ObservationSet,
  type RoadNetwork,
  SupersegmentCatalogue,
  SupersegmentSampler,
  type TripSet,
} from '@etalon/core/roads';
import { fitNormalisation } from '../normalisation.ts';
import { validationDays } from '../validationDays.ts';
import { graphOptions } from './batch.ts';
import type { PreparedEta } from './checkpoint.ts';
import { describeGraphs } from './describe.ts';
import { allFeatures } from './features.ts';
import { trainableHorizons } from './horizons.ts';
import type { EtaShape } from './network.ts';
import { describePaths, type PathSet, trainingStretches, wholePaths } from './paths.ts';
import type { EtaSettings } from './settings.ts';
import { Traffic } from './traffic.ts';

/** The fewest trips from which a model is worth training. */
const LEAST_TRIPS = 200;
/** Trips whose features settle the normalisation. */
const NORMALISATION_TRIPS = 2000;

export interface TrainingData {
  network: RoadNetwork;
  trips: TripSet;
  /** Observations of segments in the training period. */
  observations: ObservationSet;
  /** Positions of the trips, split by whole days: the last ones validate. */
  trainTrips: number[];
  validationTrips: number[];
}

/**
 * Splits by whole days, never by single trips. The days held for validation are the latest of each day type, in the
 * proportion in which the period has them: the last two days alone might be a weekend, which says nothing of rush hours.
 */
export function splitByDays(
  trips: TripSet,
  share: number,
): Pick<TrainingData, 'trainTrips' | 'validationTrips'> {
  const days = [...new Set(Array.from(trips.localDepartS, localDay))].sort((a, b) => a - b);
  if (days.length < 2)
    throw new EtalonError('input', `All ${trips.count} trips are of one day.`, {
      remedy: 'Import trips of at least two days: one trains, another validates.',
    });
  const held = validationDays(days, Math.max(1, Math.round(days.length * share)));
  const trainTrips: number[] = [];
  const validationTrips: number[] = [];
  for (let trip = 0; trip < trips.count; trip++)
    (held.has(localDay(trips.localDepartS[trip])) ? validationTrips : trainTrips).push(trip);
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
  const observations = store.readObservations({
    ...(config.from && { from: config.from }),
    ...(config.until && { until: config.until }),
  });
  return { network, trips, observations, ...splitByDays(trips, settings.validationShare) };
}

/** Segment models by cross-fit, so that no trip's inputs were made from its own time (see CrossFit). */
function fitModels(data: TrainingData, { folds }: EtaSettings, context: TaskContext): Promise<CrossFit> {
  return crossFit(data.network, data.trips, { folds }, context);
}

/** All that training needs beside the data. */
export interface PreparedTraining extends PreparedEta {
  paths: PathSet;
  traffic: Traffic;
}

/** Fits what is fitted before the network is trained; `given` is what is fitted already: all, or the segment models alone. */
export async function prepareTraining(
  data: TrainingData,
  settings: EtaSettings,
  seed: number,
  context: TaskContext,
  given?: PreparedEta | Pick<PreparedEta, 'models'>,
): Promise<PreparedTraining> {
  const models = given?.models ?? (await fitModels(data, settings, context));
  const traffic = new Traffic(data.network, data.trips, models, settings, data.observations);
  const paths = await describePaths(data.trips, models, traffic, context);
  if (given && 'shape' in given) return { ...given, traffic, paths };
  const catalogue = drawCatalogue(data, settings, new Random(seed));
  const shape = fitShape(data, { models, paths, traffic }, settings, new Random(seed));
  return { models, traffic, paths, catalogue, shape };
}

/** Supersegments drawn from the training trips' traffic, where the model learns embeddings of them; else null. */
function drawCatalogue(
  { network, trips, trainTrips }: TrainingData,
  { supersegmentEmbedding, supersegments, supersegmentLength }: EtaSettings,
  random: Random,
): SupersegmentCatalogue | null {
  if (supersegmentEmbedding === 0) return null;
  const sampler = new SupersegmentSampler(network, countTraffic(network, trips, trainTrips));
  const drawn = sampler.draw(supersegments, supersegmentLength, random);
  return new SupersegmentCatalogue(network.segmentCount, drawn);
}

/** Fits the normalisation on a sample of the training trips, with what lies around them. */
function fitShape(
  data: TrainingData,
  { models, paths, traffic }: { models: CrossFit; paths: PathSet; traffic: Traffic },
  settings: EtaSettings,
  random: Random,
): EtaShape {
  const sample = random.shuffle([...data.trainTrips]).slice(0, NORMALISATION_TRIPS);
  const features = allFeatures(paths);
  const { around } = graphOptions(settings, traffic);
  const source = { network: data.network, models, paths, features, ...(around && { around }) };
  const raw = describeGraphs(source, wholePaths(paths, sample));
  return {
    segments: data.network.segmentCount,
    supersegments: settings.supersegmentEmbedding > 0 ? settings.supersegments : 0,
    ...(settings.horizons === 'each' && {
      horizons: trainableHorizons(paths, trainingStretches(paths, data.trainTrips, settings)),
    }),
    nodes: fitNormalisation(raw.nodes, features.nodes),
    edges: fitNormalisation(raw.edges, features.edges),
    graphs: fitNormalisation(raw.graphs, features.graphs),
  };
}

export function meanSeconds(trips: TripSet, positions: readonly number[]): number {
  return positions.reduce((total, trip) => total + trips.totalS[trip], 0) / positions.length;
}
