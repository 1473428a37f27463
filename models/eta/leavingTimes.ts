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

const ROUNDS = 10;
/** An arrival this close before the wanted one will do. */
const SETTLED_S = 1.5;

/**
 * A quantile of the travel time at or above its median: log-normal, through the predicted median and the upper end of the
 * 80 % interval, its 90 % quantile.
 */
function quantileS({ seconds, highS }: TripPrediction, z: number): number {
  return seconds * (highS / seconds) ** (z / Z_HIGH);
}

/**
 * When to leave to be there by `localArriveS` with each share of {@link SHARES}: the latest departure d found for which
 * d + quantile(d) ≤ arrival, by the secant method from `startS`. Whole seconds.
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
  for (const { share, z } of SHARES) {
    const lateBy = async (departS: number) => departS + quantileS(await predicted(departS), z) - localArriveS;
    leaving.push({ share, localDepartS: await latestInTime(lateBy, Math.floor(startS)) });
  }
  return leaving;
}

/** The latest of the whole seconds tried at which `lateBy` is not positive. */
async function latestInTime(lateBy: (departS: number) => Promise<number>, startS: number): Promise<number> {
  let departS = startS;
  let inTimeS = -Infinity;
  let before: { departS: number; lateS: number } | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const lateS = await lateBy(departS);
    if (lateS <= 0) inTimeS = Math.max(inTimeS, departS);
    if (lateS <= 0 && lateS > -SETTLED_S) break;
    // A step is as long as the lateness where times do not change; never much longer or shorter.
    const slope = before ? (lateS - before.lateS) / (departS - before.departS) : 1;
    before = { departS, lateS };
    departS = Math.floor(departS - lateS / Math.min(4, Math.max(0.25, slope)));
    if (departS === before.departS) departS -= 1;
  }
  // Times that fall faster than the clock runs: as much earlier as the last was late.
  return inTimeS > -Infinity ? inTimeS : Math.floor(before!.departS - before!.lateS);
}
