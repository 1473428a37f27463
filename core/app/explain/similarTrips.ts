import type { SimilarTrips } from '../../api/contract.ts';
import { DAY_S, DAY_TYPES, dayType, type RoadNetwork, secondOfDay, type TripSet } from '../../roads/index.ts';

/** Least share of the way's metres that a similar trip drove: the largest of these with enough trips. */
const SHARED = [0.9, 0.8, 0.7];
/** Minutes around the time of departure; null: any time. */
const WITHIN_MINUTES = [30, 60, null];
/** Fewer say little; where no choice has as many, the widest is taken. */
const ENOUGH = 10;

/**
 * What trips of the project took over mostly the same segments, on days of the same type and as near to the time of day as there
 * are enough of them. A trip's seconds on the shared segments, where they are known, are stretched to the whole way by length;
 * of trips timed as a whole only those count that drove little else. Null where there is none.
 */
export function similarTrips(
  network: RoadNetwork,
  trips: TripSet,
  segments: readonly number[],
  localDepartS: number,
): SimilarTrips | null {
  const candidates = overlapping(network, trips, segments, Math.min(...SHARED));
  const type = dayType(localDepartS);
  const sameDays = candidates.filter(({ trip }) => dayType(trips.localDepartS[trip]) === type);
  for (const withinMinutes of WITHIN_MINUTES)
    for (const sharedShare of SHARED) {
      const isWidest = withinMinutes === null && sharedShare === SHARED.at(-1);
      const found = sameDays.filter(
        ({ trip, share }) =>
          share >= sharedShare && isNear(trips.localDepartS[trip], localDepartS, withinMinutes),
      );
      if (found.length === 0 || (found.length < ENOUGH && !isWidest)) continue;
      const seconds = Float64Array.from(found, ({ wayS }) => wayS).sort();
      return {
        count: seconds.length,
        withinMinutes,
        dayType: DAY_TYPES[type],
        sharedShare,
        q10S: quantile(seconds, 0.1),
        medianS: quantile(seconds, 0.5),
        q90S: quantile(seconds, 0.9),
      };
    }
  return null;
}

interface Overlap {
  trip: number;
  /** Of the way's metres. */
  share: number;
  /** Seconds for the whole way at the trip's pace. */
  wayS: number;
}

function overlapping(
  { lengthM, segmentCount }: RoadNetwork,
  { count, offsets, segments, segmentS, totalS }: TripSet,
  way: readonly number[],
  least: number,
): Overlap[] {
  const onWay = new Uint8Array(segmentCount);
  let wayM = 0;
  for (const segment of way) {
    onWay[segment] = 1;
    wayM += lengthM[segment];
  }
  const found: Overlap[] = [];
  for (let trip = 0; trip < count; trip++) {
    let [sharedM, otherM, sharedS] = [0, 0, 0];
    for (let k = offsets[trip]; k < offsets[trip + 1]; k++) {
      const segment = segments[k];
      if (onWay[segment]) {
        sharedM += lengthM[segment];
        sharedS += segmentS ? segmentS[k] : Number.NaN;
      } else otherM += lengthM[segment];
    }
    const share = Math.min(1, sharedM / wayM);
    if (share < least) continue;
    if (sharedS > 0) found.push({ trip, share, wayS: (sharedS * wayM) / sharedM });
    else if (totalS[trip] > 0 && otherM <= (1 - least) * wayM)
      found.push({ trip, share, wayS: (totalS[trip] * wayM) / (sharedM + otherM) });
  }
  return found;
}

function isNear(localS: number, otherS: number, withinMinutes: number | null): boolean {
  if (withinMinutes === null) return true;
  const apartS = Math.abs(secondOfDay(localS) - secondOfDay(otherS));
  return Math.min(apartS, DAY_S - apartS) <= 60 * withinMinutes;
}

/** By rank, between neighbours in proportion. */
function quantile(ascending: Float64Array, share: number): number {
  const at = share * (ascending.length - 1);
  const below = ascending[Math.floor(at)];
  return below + (at - Math.floor(at)) * (ascending[Math.ceil(at)] - below);
}
