/**
 * Parameters of the volume–delay function of the Bureau of Public Roads ("Traffic Assignment Manual", 1964),
 *   t = t₀ · (1 + a · xᵇ), x = volume ÷ capacity.
 */
export interface VolumeDelay {
  a: number;
  b: number;
}

/** The manual's own parameters, and steeper and flatter ones between which differences are given as a range. */
export const VOLUME_DELAY = {
  usual: { a: 0.15, b: 4 },
  /** Chosen here, within the 2.1 … 9.8 that NCHRP Report 365 (1998) lists for roads from arterial to motorway. */
  flat: { a: 0.15, b: 2.5 },
  steep: { a: 0.15, b: 6 },
} as const satisfies Record<string, VolumeDelay>;

/** Travel time ÷ free-flow time at a ratio of volume to capacity. */
export function delayRatio({ a, b }: VolumeDelay, volumeRatio: number): number {
  return 1 + a * volumeRatio ** b;
}

/** The ratio of volume to capacity at which travel takes `ratio` times the free-flow time; 0 where it takes no longer. */
export function volumeRatio({ a, b }: VolumeDelay, ratio: number): number {
  return ratio > 1 ? ((ratio - 1) / a) ** (1 / b) : 0;
}

/**
 * Seconds of delay in an hour with `now` times capacity, on a road whose base case has `base`: a · xᵇ free-flow times, but no more than
 * a queue can be long. While x > 1 for an hour it grows evenly, so that the mean wait is half an hour times what is over
 * capacity (deterministic queueing, May & Keller 1967); the power alone would say days. The base case's own delay stands.
 */
export function delayS(bpr: VolumeDelay, freeS: number, now: number, base: number): number {
  const byPower = (x: number) => freeS * (delayRatio(bpr, x) - 1);
  const queueS = freeS * bpr.a + HALF_HOUR_S * Math.max(0, now - 1);
  return Math.min(byPower(now), Math.max(byPower(base), queueS));
}

const HALF_HOUR_S = 1800;
