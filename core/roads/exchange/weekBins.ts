/** Weekly speeds are held in bins of five minutes of the local week. */
export const BIN_S = 300;
export const WEEK_BINS = 2016;
const DAY_BINS = WEEK_BINS / 7;

/** The bin of a week that begins on Monday 00:00 as a bin of one that begins on Sunday 00:00. */
export function sundayFirst(mondayBin: number): number {
  return (mondayBin + DAY_BINS) % WEEK_BINS;
}

/** [2016] a week from Monday 00:00 on, of one from Sunday 00:00 on. */
export function toMondayFirst(week: Float32Array): Float32Array {
  const turned = new Float32Array(WEEK_BINS);
  turned.set(week.subarray(DAY_BINS));
  turned.set(week.subarray(0, DAY_BINS), WEEK_BINS - DAY_BINS);
  return turned;
}

/** [2016] a week from Sunday 00:00 on, of one from Monday 00:00 on. */
export function toSundayFirst(week: Float32Array): Float32Array {
  const turned = new Float32Array(WEEK_BINS);
  turned.set(week.subarray(WEEK_BINS - DAY_BINS));
  turned.set(week.subarray(0, WEEK_BINS - DAY_BINS), DAY_BINS);
  return turned;
}

/** Whether a bin lies between 7 and 19 o'clock of its day: the hours of Valhalla's constrained speed. */
export function isDaytime(bin: number): boolean {
  const hour = (bin % DAY_BINS) / 12;
  return hour >= 7 && hour < 19;
}

/** Mean speed of a time spent driving: the harmonic mean of a week's speeds (km/h) over the bins that `take` accepts. */
export function meanKmh(week: Float32Array, take: (bin: number) => boolean = () => true): number {
  let pace = 0;
  let bins = 0;
  for (let bin = 0; bin < WEEK_BINS; bin++) {
    if (!take(bin)) continue;
    pace += 1 / week[bin];
    bins++;
  }
  return bins / pace;
}
