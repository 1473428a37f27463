import { Random } from '../../core/base/index.ts';
import type { RoadNetwork, TripSet } from '../../core/roads/index.ts';
import { type PlainTrip, packTrips, randomPath } from './gridNetwork.ts';

/** Monday. */
export const FIRST_DAY_S = Date.UTC(2024, 4, 6) / 1000;

/**
 * Trips through a city whose traffic changes from one hour to the next in a way that no timetable tells: seconds are
 * length ÷ 10 m/s, more in the rush hours, times what the hour brings to the eastern and the western half. A model of hour and
 * place cannot know the last factor; the trips of the hour show it.
 */
export function changingTraffic(
  network: RoadNetwork,
  {
    days,
    perDay,
    seed,
    segmentTimes = true,
  }: { days: number; perDay: number; seed: number; segmentTimes?: boolean },
): TripSet {
  const random = new Random(seed);
  const middle = mean(network.junctionCoordinates.filter((_, i) => i % 2 === 0));
  const half = Int8Array.from(network.fromJunction, (junction) =>
    network.junctionCoordinates[2 * junction] < middle ? 0 : 1,
  );
  const trips: PlainTrip[] = [];
  for (let day = 0; day < days; day++) {
    const mood = [hourlyFactors(random), hourlyFactors(random)];
    const secondsOfDay = Array.from({ length: perDay }, () => 6 * 3600 + random.int(16 * 3600)).sort(
      (a, b) => a - b,
    );
    for (const second of secondsOfDay) {
      const hour = Math.floor(second / 3600);
      const rush = hour === 8 || hour === 17 ? 1.5 : 1;
      const segments = randomPath(network, random, 4 + random.int(12));
      const segmentS = segments.map(
        (s) => (network.lengthM[s] / 10) * rush * mood[half[s]][hour] * Math.exp(0.05 * random.normal()),
      );
      trips.push({
        localDepartS: FIRST_DAY_S + day * 86_400 + second,
        segments,
        totalS: Math.fround(segmentS.reduce((sum, s) => sum + s, 0)),
        ...(segmentTimes && { segmentS }),
      });
    }
  }
  return packTrips(trips);
}

/** [24] a walk around 1 that forgets within a few hours. */
function hourlyFactors(random: Random): number[] {
  let level = 0.35 * random.normal();
  return Array.from({ length: 24 }, () => {
    level = 0.85 * level + 0.18 * random.normal();
    return Math.exp(level);
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
