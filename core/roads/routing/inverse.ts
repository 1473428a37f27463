/** A place that cannot be left in time this long before it is needed is closed. */
const LONGEST_S = 86_400;
const TOLERANCE_S = 1e-6;
const MAX_STEPS = 80;

/**
 * The latest clock at which something that takes `secondsAt(clock)` can begin so that it has ended by `endS`: the inverse of
 * an arrival function, which never falls (first in, first out). Found to a microsecond, never too late, by the Illinois
 * method (Dowell & Jarratt 1971) with a bisection at every third step; −Infinity where no beginning within a day is early
 * enough.
 */
export function latestBeginning(secondsAt: (clockS: number) => number, endS: number): number {
  const lateBy = (clockS: number) => clockS + secondsAt(clockS) - endS;
  let high = endS;
  let highBy = lateBy(high);
  if (highBy <= 0) return high;
  let step = Number.isFinite(highBy) ? highBy : 1;
  let low = endS - step;
  let lowBy = lateBy(low);
  while (!(lowBy <= 0)) {
    if (step > LONGEST_S) return -Infinity;
    high = low;
    highBy = lowBy;
    step *= 2;
    low = endS - step;
    lowBy = lateBy(low);
  }
  // Clocks count from 1970: near 10⁹ s a double resolves no more than this.
  const tolerance = Math.max(TOLERANCE_S, Math.abs(endS) * 2 ** -51);
  for (let i = 0; i < MAX_STEPS && high - low > tolerance && lowBy < 0; i++) {
    const straight = low - (lowBy * (high - low)) / (highBy - lowBy);
    const bisect = i % 3 === 2 || !(straight > low && straight < high);
    const middle = bisect ? low + (high - low) / 2 : straight;
    const by = lateBy(middle);
    if (by <= 0) {
      low = middle;
      lowBy = by;
      // Illinois: an end that stays is worth half.
      if (Number.isFinite(highBy)) highBy /= 2;
    } else {
      high = middle;
      highBy = by;
      lowBy /= 2;
    }
  }
  return low;
}
