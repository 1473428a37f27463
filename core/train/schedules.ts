/** The learning rate of a step, counted from 1. */
export type Schedule = (step: number) => number;

export const constantSchedule =
  (rate: number): Schedule =>
  () =>
    rate;

/** Half a cosine from `peak` down to `floor` of it at the last step (Loshchilov & Hutter 2017, eq. 5, one period). */
export function cosineDecay(
  peak: number,
  { steps, floor = 0.02 }: { steps: number; floor?: number },
): Schedule {
  return (step) => {
    const progress = Math.min(1, step / Math.max(1, steps));
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}

/** The same factor each step, from `peak` down to `floor` of it at the last step, and no further. */
export function exponentialDecay(
  peak: number,
  { steps, floor = 0.02 }: { steps: number; floor?: number },
): Schedule {
  return (step) => peak * floor ** Math.min(1, step / Math.max(1, steps));
}

/** Rises in a line to where `then` begins, over `steps` (Goyal et al. 2017, §2.2); `then` counts from the end of it. */
export function withWarmUp(steps: number, then: Schedule): Schedule {
  return (step) => (step <= steps ? (then(0) * step) / steps : then(step - steps));
}

/** Linear warm-up, then a cosine down to `floor` of the peak at the last of `steps`. */
export function cosineSchedule(
  peak: number,
  { steps, warmUp, floor }: { steps: number; warmUp: number; floor?: number },
): Schedule {
  return withWarmUp(
    warmUp,
    cosineDecay(peak, { steps: steps - warmUp, ...(floor !== undefined && { floor }) }),
  );
}

/** {@link cosineSchedule} over all epochs, with a warm-up of so many of them that one at least is left to learn in. */
export function epochCosine(
  peak: number,
  {
    epochs,
    warmUpEpochs,
    batchesPerEpoch,
  }: { epochs: number; warmUpEpochs: number; batchesPerEpoch: number },
): Schedule {
  return cosineSchedule(peak, {
    steps: epochs * batchesPerEpoch,
    warmUp: Math.min(warmUpEpochs, epochs - 1) * batchesPerEpoch,
  });
}
