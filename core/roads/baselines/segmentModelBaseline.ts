import { type CrossFit, crossFit } from '../profiles/crossFit.ts';
import type { TripSet } from '../trips.ts';
import type { Baseline, FittedBaseline } from './baseline.ts';
import { ResidualInterval } from './residualInterval.ts';

/** The multiplicative segment model alone, without current traffic. */
export const segmentModelBaseline: Baseline = {
  id: 'segmentModel',
  async fit(network, train, context) {
    return crossFittedBaseline(await crossFit(network, train, {}, context), train);
  },
};

/** The same from models that were already fitted on `train`. */
export function crossFittedBaseline(models: CrossFit, train: TripSet): FittedBaseline {
  const interval = new ResidualInterval(models.predictTrips(train), train.totalS);
  return { predict: (trips) => interval.around(models.full.predictTrips(trips)) };
}
