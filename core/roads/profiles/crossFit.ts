import { EtalonError, inStep, type TaskContext } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { localDay, selectTrips, type TripSet } from '../trips.ts';
import { blocksOfDays, splitByBlock } from './dayBlocks.ts';
import { fitSegmentModel, type SegmentModelOptions } from './fitSegmentModel.ts';
import { type SegmentModel, type SegmentModelRecord, segmentModelFrom } from './segmentModel.ts';

/** Which segment model speaks for trips that depart at a wall-clock time. */
export interface ModelByTime {
  modelAt(localS: number): SegmentModel;
}

export interface CrossFitOptions {
  /** Blocks of days. */
  folds: number;
  model: Partial<SegmentModelOptions>;
}

export const crossFitDefaults: CrossFitOptions = { folds: 6, model: {} };

/**
 * Segment models that never saw the trip they are asked about: for a day of training the model fitted without
 * that day's block, for any other day the one fitted on all. A model's inputs made from its own training trips
 * carry the label within them; these do not.
 */
export class CrossFit implements ModelByTime {
  readonly full: SegmentModel;
  /** One per block, fitted on all other blocks. */
  readonly folds: readonly SegmentModel[];
  /** Block of each day of training, by local day. */
  readonly foldOfDay: ReadonlyMap<number, number>;

  constructor(
    full: SegmentModel,
    folds: readonly SegmentModel[] = [],
    foldOfDay: ReadonlyMap<number, number> = new Map(),
  ) {
    this.full = full;
    this.folds = folds;
    this.foldOfDay = foldOfDay;
  }

  modelAt(localS: number): SegmentModel {
    const fold = this.foldOfDay.get(localDay(localS));
    return fold === undefined ? this.full : this.folds[fold];
  }

  /** [N] seconds of every trip, by the model that did not see its day. */
  predictTrips(trips: TripSet): Float32Array {
    return Float32Array.from({ length: trips.count }, (_, trip) =>
      this.modelAt(trips.localDepartS[trip]).predictTrip(trips, trip),
    );
  }

  toRecord(): CrossFitRecord {
    const models = [this.full, ...this.folds].map((model) => model.toRecord());
    const arrays: Record<string, Float32Array> = {};
    models.forEach((record, m) => {
      for (const [name, values] of Object.entries(record.arrays)) arrays[`${m}/${name}`] = values;
    });
    return { arrays, json: { models: models.map(({ json }) => json), foldOfDay: [...this.foldOfDay] } };
  }
}

/** As {@link SegmentModelRecord}, of all models; keys of `arrays` are `model/name`, model 0 being the full one. */
export interface CrossFitRecord {
  arrays: Record<string, Float32Array>;
  json: { models: SegmentModelRecord['json'][]; foldOfDay: [number, number][] };
}

/** Restores what {@link CrossFit.toRecord} gave. Throws `input` where it does not belong to the network. */
export function crossFitFrom(network: RoadNetwork, record: CrossFitRecord): CrossFit {
  const models = record.json.models.map((json, m) => {
    const arrays: Record<string, Float32Array> = {};
    for (const [key, values] of Object.entries(record.arrays))
      if (key.startsWith(`${m}/`)) arrays[key.slice(`${m}/`.length)] = values;
    return segmentModelFrom(network, { arrays, json });
  });
  if (models.length === 0)
    throw new EtalonError('input', 'The saved segment models are empty.', { remedy: 'Train a new run.' });
  return new CrossFit(models[0], models.slice(1), new Map(record.json.foldOfDay));
}

/**
 * Fits one segment model on all trips and one for each block of consecutive days on the trips of the others.
 * Blocks hold about equally many trips; with fewer days than blocks every day is one. Trips of a single day give
 * no blocks, so the full model speaks for that day too.
 */
export async function crossFit(
  network: RoadNetwork,
  trips: TripSet,
  options: Partial<CrossFitOptions>,
  context: TaskContext,
): Promise<CrossFit> {
  const { folds, model } = { ...crossFitDefaults, ...options };
  const foldOfDay = blocksOfDays(trips, folds);
  const count = Math.max(0, ...foldOfDay.values()) + 1;
  const steps = count > 1 ? count + 1 : 1;
  const stepContext = (step: number) => inStep(context, step, steps);
  const full = await fitSegmentModel(network, trips, model, stepContext(1));
  if (count < 2) return new CrossFit(full);
  const models: SegmentModel[] = [];
  for (let fold = 0; fold < count; fold++) {
    const { others } = splitByBlock(trips, foldOfDay, fold);
    models.push(await fitSegmentModel(network, selectTrips(trips, others), model, stepContext(fold + 2)));
  }
  return new CrossFit(full, models, foldOfDay);
}
