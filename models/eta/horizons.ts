import type { PathSet, Stretch } from './paths.ts';

/** A model for 0, 10, … 60 minutes after the departure (Derrow-Pinion et al. 2021, §3). */
const STEP_S = 600;
const MOST_HORIZONS = 7;
/** Fewer stretches in training do not teach a network of their own. */
const LEAST_STRETCHES = 200;

/** Seconds from the departure to the start of a stretch: as predicted, where that is known, else as expected. */
export function elapsedAtStart(
  { trips: { offsets }, expectedS, horizonS = 0 }: PathSet,
  stretch: Stretch,
): number {
  if (stretch.elapsedS !== undefined) return stretch.elapsedS;
  let elapsedS = horizonS;
  for (let k = offsets[stretch.path]; k < stretch.start; k++) elapsedS += expectedS[k];
  return elapsedS;
}

/** Which of `horizons` networks answers for what starts so long after the departure: the nearest. */
export function horizonAt(elapsedS: number, horizons: number): number {
  return Math.min(horizons - 1, Math.round(elapsedS / STEP_S));
}

/** How many horizons, from 0 on without a gap, have stretches enough to train by; later ones are answered by the last. */
export function trainableHorizons(paths: PathSet, stretches: readonly Stretch[]): number {
  const counts = new Array<number>(MOST_HORIZONS).fill(0);
  for (const stretch of stretches) counts[horizonAt(elapsedAtStart(paths, stretch), MOST_HORIZONS)]++;
  const short = counts.findIndex((count) => count < LEAST_STRETCHES);
  return Math.max(1, short < 0 ? MOST_HORIZONS : short);
}

/** Positions of the stretches in batches of `size` at most, each of one horizon; in their order within it. */
export function batchesByHorizon(
  paths: PathSet,
  stretches: readonly Stretch[],
  { horizons, size }: { horizons: number; size: number },
): number[][] {
  const byHorizon = Array.from({ length: horizons }, () => [] as number[]);
  stretches.forEach((stretch, i) => {
    byHorizon[horizons === 1 ? 0 : horizonAt(elapsedAtStart(paths, stretch), horizons)].push(i);
  });
  return byHorizon.flatMap((positions) =>
    Array.from({ length: Math.ceil(positions.length / size) }, (_, batch) =>
      positions.slice(batch * size, (batch + 1) * size),
    ),
  );
}
