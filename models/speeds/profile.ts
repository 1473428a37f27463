import { DAY_S, dayType, localDay, secondOfDay, weekday } from '@etalon/core/roads';
import { rowStartS, type SpeedMatrix } from './matrix.ts';

/** The profile is told apart by quarters of an hour, each with the one before and after it. */
const SLOT_S = 900;
export const SLOTS = DAY_S / SLOT_S;
const WEEKDAYS = 7;
/** How many days of observations weigh as much as what is known from wider groups of days. */
const SHRINK_DAYS = { allDays: 0.3, dayType: 0.3, weekday: 1 };

const slotOf = (localS: number) => Math.floor(secondOfDay(localS) / SLOT_S);
/** Of a Monday … Sunday; 1970-01-05 was a Monday. */
const typeOfWeekday = (day: number) => dayType((4 + day) * DAY_S);

interface Sums {
  sum: Float32Array;
  count: Float32Array;
}

/** Sums of speeds and their counts, [7 · SLOTS · n]: by weekday, slot and segment. */
export interface ProfileSums extends Sums {
  /** Local days since 1970-01-01 that went in: from the first to before the last. */
  fromDay: number;
  untilDay: number;
}

/** Adds up the rows of a matrix. */
export function profileSums(matrix: SpeedMatrix): ProfileSums {
  const n = matrix.segments.length;
  const sum = new Float32Array(WEEKDAYS * SLOTS * n);
  const count = new Float32Array(WEEKDAYS * SLOTS * n);
  for (let row = 0; row < matrix.steps; row++) {
    const startS = rowStartS(matrix, row);
    addRow(matrix, row, (weekday(startS) * SLOTS + slotOf(startS)) * n, { sum, count });
  }
  const fromDay = localDay(rowStartS(matrix, 0));
  return { sum, count, fromDay, untilDay: localDay(rowStartS(matrix, matrix.steps - 1)) + 1 };
}

function addRow(
  { speedKmh, segments: { length: n } }: SpeedMatrix,
  row: number,
  at: number,
  { sum, count }: Sums,
): void {
  for (let i = 0; i < n; i++) {
    const speed = speedKmh[row * n + i];
    if (Number.isNaN(speed)) continue;
    sum[at + i] += speed;
    count[at + i]++;
  }
}

/**
 * [(steps + ahead) · n] what the history says of each row of the matrix and of `ahead` rows after it, km/h. The mean of a weekday's quarter
 * of an hour is pulled to that of its day type, this to that of all days, and this to the segment's mean, each as if it were so many
 * days of observations (`SHRINK_DAYS`). A day that is in the history itself is left out of what its own rows are told: no
 * expectation holds the speed that it is compared with.
 */
export function expectedSpeeds(history: ProfileSums, matrix: SpeedMatrix, ahead = 0): Float32Array {
  const n = matrix.segments.length;
  const rows = matrix.steps + ahead;
  const expected = new Float32Array(rows * n);
  const perSlot = SLOT_S / matrix.stepS;
  for (let row = 0; row < rows; ) {
    const startS = rowStartS(matrix, row);
    const day = localDay(startS);
    const within = day >= history.fromDay && day < history.untilDay;
    const table = dayTable(history, weekday(startS), within ? daySums(matrix, day) : null, n, perSlot);
    for (; row < rows && localDay(rowStartS(matrix, row)) === day; row++) {
      const at = slotOf(rowStartS(matrix, row)) * n;
      expected.set(table.subarray(at, at + n), row * n);
    }
  }
  return expected;
}

/** [SLOTS · n] of the matrix's rows of one day. */
function daySums(matrix: SpeedMatrix, day: number): Sums {
  const n = matrix.segments.length;
  const own = { sum: new Float32Array(SLOTS * n), count: new Float32Array(SLOTS * n) };
  const first = Math.max(0, Math.ceil((day * DAY_S) / matrix.stepS) - matrix.firstStep);
  for (let row = first; row < matrix.steps && localDay(rowStartS(matrix, row)) === day; row++)
    addRow(matrix, row, slotOf(rowStartS(matrix, row)) * n, own);
  return own;
}

/** [SLOTS · n] the expectation of a day of the week, without what `own` observed on it. */
function dayTable(
  { sum, count }: ProfileSums,
  day: number,
  own: Sums | null,
  n: number,
  perSlot: number,
): Float32Array {
  const means = segmentMeans({ sum, count }, own, n);
  const table = new Float32Array(SLOTS * n);
  for (let slot = 0; slot < SLOTS; slot++) table.set(means, slot * n);
  const all = [...Array(WEEKDAYS).keys()];
  const groups = [
    { days: all, pull: SHRINK_DAYS.allDays },
    { days: all.filter((other) => typeOfWeekday(other) === typeOfWeekday(day)), pull: SHRINK_DAYS.dayType },
    { days: [day], pull: SHRINK_DAYS.weekday },
  ];
  for (const { days, pull } of groups) {
    const total = new Float64Array(SLOTS * n);
    const seen = new Float64Array(SLOTS * n);
    for (let k = 0; k < total.length; k++) {
      for (const other of days) {
        total[k] += sum[other * SLOTS * n + k];
        seen[k] += count[other * SLOTS * n + k];
      }
      if (own) {
        total[k] -= own.sum[k];
        seen[k] -= own.count[k];
      }
    }
    for (let k = 0; k < table.length; k++) {
      const [s, c] = [aroundSlot(total, k, n), aroundSlot(seen, k, n)];
      const slots = k < n || k >= (SLOTS - 1) * n ? 2 : 3;
      const weight = pull * slots * perSlot;
      table[k] = (s + weight * table[k]) / (c + weight);
    }
  }
  return table;
}

/** The slot with its neighbours on the same day. */
function aroundSlot(values: Float64Array, k: number, n: number): number {
  return values[k] + (values[k - n] ?? 0) + (values[k + n] ?? 0);
}

/** [n] mean speed of each segment without what `own` observed; the mean of all where a segment has none. */
function segmentMeans(all: Sums, own: Sums | null, n: number): Float32Array {
  const total = new Float64Array(n);
  const seen = new Float64Array(n);
  const addUp = ({ sum, count }: Sums, sign: number) => {
    for (let k = 0; k < sum.length; k++) {
      total[k % n] += sign * sum[k];
      seen[k % n] += sign * count[k];
    }
  };
  addUp(all, 1);
  if (own) addUp(own, -1);
  const everywhere = total.reduce((a, b) => a + b, 0) / seen.reduce((a, b) => a + b, 0);
  return Float32Array.from(total, (speed, i) => (seen[i] > 0 ? speed / seen[i] : everywhere));
}
