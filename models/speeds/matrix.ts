import { EtalonError } from '@etalon/core/base';
import type { ObservationSet } from '@etalon/core/roads';

/** Speeds of segments at even steps of time; `n` is the count of segments. */
export interface SpeedMatrix {
  /** [n] segments of the network, ascending. */
  readonly segments: Int32Array;
  readonly stepS: number;
  /** Steps from the local 1970-01-01T00:00 to the first row. */
  readonly firstStep: number;
  /** Rows. */
  readonly steps: number;
  /** [steps · n] mean of what was observed in the step, km/h; NaN where nothing was. */
  readonly speedKmh: Float32Array;
}

/** 1 GiB of speeds. */
const MOST_VALUES = 2 ** 28;

/** The step that an interval ends in: only when it ends is its speed known. */
const stepOfEnd = (localEndS: number, stepS: number): number => Math.ceil(localEndS / stepS) - 1;

/** Local seconds at which a row begins, and at which it is known: when it ends. */
export const rowStartS = ({ firstStep, stepS }: SpeedMatrix, row: number): number =>
  (firstStep + row) * stepS;
export const rowEndS = (matrix: SpeedMatrix, row: number): number => rowStartS(matrix, row + 1);

/** The most frequent length of an observation, in seconds; the shorter of two equally frequent ones. */
export function commonInterval({ durationS }: ObservationSet): number {
  const counts = new Map<number, number>();
  for (const seconds of durationS) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  return [...counts].reduce((best, next) =>
    next[1] > best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
  )[0];
}

/** The segments that occur, ascending. */
export function observedSegments({ segment }: ObservationSet): Int32Array {
  return Int32Array.from(new Set(segment)).sort();
}

/**
 * Lays observations out by step and segment. Several of one step are averaged by their vehicles, where those are known; what was
 * not observed stays unknown. Rows run from the first to the last observation, or as `rows` says. Throws `input` where the matrix
 * would not fit.
 */
export function speedMatrix(
  observations: ObservationSet,
  segments: Int32Array,
  stepS: number,
  rows?: { firstStep: number; steps: number },
): SpeedMatrix {
  const n = segments.length;
  const stepOf = (i: number) => stepOfEnd(observations.localStartS[i] + observations.durationS[i], stepS);
  const { firstStep, steps } = rows ?? spanOf(observations.count, stepOf);
  if (steps * n > MOST_VALUES)
    throw new EtalonError('input', `${steps} steps of ${n} segments are too many to hold at once.`, {
      remedy: 'Take a shorter period with --from, or longer steps with --set stepMinutes=15.',
    });
  const column = new Map(Array.from(segments, (segment, i) => [segment, i]));
  const sum = new Float64Array(steps * n);
  const weight = new Float64Array(steps * n);
  for (let i = 0; i < observations.count; i++) {
    const at = column.get(observations.segment[i]);
    const row = stepOf(i) - firstStep;
    if (at === undefined || row < 0 || row >= steps) continue;
    const vehicles = observations.vehicles[i] > 0 ? observations.vehicles[i] : 1;
    sum[row * n + at] += vehicles * observations.speedKmh[i];
    weight[row * n + at] += vehicles;
  }
  // Nothing over nothing is the NaN that stands for unknown.
  const speedKmh = Float32Array.from(sum, (total, i) => total / weight[i]);
  return { segments, stepS, firstStep, steps, speedKmh };
}

function spanOf(count: number, stepOf: (i: number) => number): { firstStep: number; steps: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    first = Math.min(first, stepOf(i));
    last = Math.max(last, stepOf(i));
  }
  return count === 0 ? { firstStep: 0, steps: 0 } : { firstStep: first, steps: last - first + 1 };
}
