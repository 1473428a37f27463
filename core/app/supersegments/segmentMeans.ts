import { type SegmentTimes, secondOfDay } from '../../roads/index.ts';

const HOURS = 24;

/** Mean seconds of each segment, of all traversals and observations and by hour of the day; NaN where there is none. */
export class SegmentMeans {
  readonly allS: Float64Array;
  /** [S · 24] */
  readonly #byHourS: Float64Array;

  constructor(segmentCount: number, { count, segment, enteredLocalS, seconds }: SegmentTimes) {
    const sums = new Float64Array(segmentCount * HOURS);
    const counts = new Uint32Array(segmentCount * HOURS);
    for (let i = 0; i < count; i++) {
      const cell = HOURS * segment[i] + Math.floor(secondOfDay(enteredLocalS[i]) / 3600);
      sums[cell] += seconds[i];
      counts[cell]++;
    }
    this.#byHourS = sums.map((sum, cell) => sum / counts[cell]);
    this.allS = Float64Array.from({ length: segmentCount }, (_, s) => {
      const hours = [HOURS * s, HOURS * (s + 1)] as const;
      const add = (a: number, b: number) => a + b;
      return sums.subarray(...hours).reduce(add, 0) / counts.subarray(...hours).reduce(add, 0);
    });
  }

  /** In the hour, where it was driven then; else of all hours. */
  inHour(segment: number, hour: number): number {
    const mean = this.#byHourS[HOURS * segment + hour];
    return Number.isNaN(mean) ? this.allS[segment] : mean;
  }
}
