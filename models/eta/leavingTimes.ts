import type { TripPrediction } from './calibration.ts';

/** Shares of trips that are to be on time, with the standard normal's quantile of each. */
const SHARES = [
  { share: 0.5, z: 0 },
  { share: 0.8, z: 0.841621 },
  { share: 0.9, z: 1.281552 },
  { share: 0.95, z: 1.644854 },
] as const;
/** Of the 80 % interval's upper end. */
const Z_HIGH = 1.281552;

/** Which share's departure an arrive-by answer describes. */
export const ANSWERED_SHARE = 0.8;

const ROUNDS = 8;
const SETTLED_S = 1;

/**
 * A quantile of the travel time at or above its median: log-normal, through the predicted median and the upper end of the
 * 80 % interval, its 90 % quantile.
 */
function quantileS({ seconds, highS }: TripPrediction, z: number): number {
  return seconds * (highS / seconds) ** (z / Z_HIGH);
}

/**
 * When to leave to be there by `localArriveS` with each share of {@link SHARES}: the departure d for which
 * d + quantile(d) = arrival, by fixed-point iteration from `startS`. A travel time that changes by less than a second a
 * second of the departure makes it contract; where it has not settled, the earliest of what it went through is taken.
 * Whole seconds, never later than found.
 */
export async function leavingTimes(
  predictAt: (localDepartS: number) => Promise<TripPrediction>,
  localArriveS: number,
  startS: number,
): Promise<{ share: number; localDepartS: number }[]> {
  const known = new Map<number, TripPrediction>();
  const predicted = async (localDepartS: number) => {
    const prediction = known.get(localDepartS) ?? (await predictAt(localDepartS));
    known.set(localDepartS, prediction);
    return prediction;
  };
  const leaving: { share: number; localDepartS: number }[] = [];
  let departS = Math.floor(startS);
  for (const { share, z } of SHARES) {
    let earliestS = departS;
    let settled = false;
    for (let round = 0; round < ROUNDS && !settled; round++) {
      const next = Math.floor(localArriveS - quantileS(await predicted(departS), z));
      settled = Math.abs(next - departS) <= SETTLED_S;
      earliestS = round === 0 ? next : Math.min(earliestS, next);
      departS = next;
    }
    if (!settled) departS = earliestS;
    leaving.push({ share, localDepartS: departS });
  }
  return leaving;
}
