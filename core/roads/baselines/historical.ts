import type { TripSet } from '../trips.ts';
import type { Baseline } from './baseline.ts';
import { heldOutInterval } from './heldOut.ts';
import { type HistoricalProfile, historicalProfile } from './historicalProfile.ts';

/** The mean of the same hour of the week: by segment where segment times are known, else the city's speed. */
export const historical: Baseline = {
  id: 'historical',
  async fit(network, train, context, options = { intervals: true }) {
    const fitPart = (part: TripSet) => {
      const profile = historicalProfile(network, part);
      return (trips: TripSet) => historicalTimesS(profile, trips);
    };
    const predict = fitPart(train);
    const around = await heldOutInterval(train, fitPart, context, options);
    return { predict: (trips) => around(predict(trips)) };
  },
};

/** [N] each trip's seconds, every segment at the hour in which it is reached. */
export function historicalTimesS(profile: HistoricalProfile, trips: TripSet): Float32Array {
  return Float32Array.from({ length: trips.count }, (_, trip) => {
    let seconds = 0;
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      seconds += profile.segmentS(trips.segments[k], trips.localDepartS[trip] + seconds);
    return seconds;
  });
}
