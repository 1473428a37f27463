import {
  DAY_S,
  localDay,
  type ObservationSet,
  type RoadNetwork,
  type SegmentTimes,
  segmentTimes,
  type Traversals,
  type TripSet,
  timeCell,
  timedTraversals,
  timesByEnd,
} from '../../roads/index.ts';

/**
 * What the imported trips and observations say of each segment's seconds, by time. Built from all of them once. An observation counts
 * like a traversal.
 */
export class ObservedTraffic {
  readonly network: RoadNetwork;
  /** Of trips, then of observations. */
  readonly times: SegmentTimes;
  readonly #driven: Traversals;
  readonly #byEnd: ReturnType<typeof timesByEnd>;
  /** [M] positions of traversals in order of entry. */
  readonly #byEntry: Uint32Array;
  /** [M] time cell of each traversal's entry. */
  readonly #cell: Uint8Array;

  constructor(network: RoadNetwork, trips: TripSet, observations: ObservationSet) {
    this.network = network;
    this.#driven = timedTraversals(network, trips);
    this.times = segmentTimes(network, this.#driven, observations);
    const { enteredLocalS } = this.times;
    this.#byEnd = timesByEnd(network, this.times);
    this.#byEntry = Uint32Array.from(enteredLocalS.keys()).sort(
      (a, b) => enteredLocalS[a] - enteredLocalS[b] || a - b,
    );
    this.#cell = Uint8Array.from(enteredLocalS, timeCell);
  }

  /** Says that times are shares of whole trips' times, where any are; null where all were measured. */
  get note(): string | null {
    const { count, spread } = this.#driven;
    if (spread === 0) return null;
    const share = spread === count ? 'Seconds per segment are' : 'Some seconds per segment are';
    return `${share} not measured: a trip’s time is spread over its segments in proportion to free flow.`;
  }

  /** What counts here, for a person. */
  get counted(): string {
    if (this.times.count === this.#driven.count) return 'Traversals';
    return this.#driven.count === 0 ? 'Observations' : 'Traversals and observations';
  }

  /** [S] mean seconds of the traversals that had ended in the `windowS` seconds before a wall-clock time; NaN without any. */
  recentS(localS: number, windowS: number): Float32Array {
    const { network } = this;
    return Float32Array.from({ length: network.segmentCount }, (_, segment) => {
      const until = this.#byEnd.position(segment, localS);
      const from = this.#byEnd.position(segment, localS - windowS);
      return this.#byEnd.sum(0, from, until) / (until - from);
    });
  }

  /** [S] number and sum of seconds of the traversals entered in the same hour of the same day type, over all days. */
  usual(localS: number): { count: Float32Array; seconds: Float64Array } {
    const { segment, seconds } = this.times;
    const cell = timeCell(localS);
    const count = new Float32Array(this.network.segmentCount);
    const sum = new Float64Array(this.network.segmentCount);
    for (let i = 0; i < segment.length; i++) {
      if (this.#cell[i] !== cell) continue;
      count[segment[i]]++;
      sum[segment[i]] += seconds[i];
    }
    return { count, seconds: sum };
  }

  /** Positions of the traversals that entered their segment from `fromS` to before `untilS`, in that order. */
  entered(fromS: number, untilS: number): Uint32Array {
    return this.#byEntry.subarray(this.#firstEntry(fromS), this.#firstEntry(untilS));
  }

  /** Positions of the traversals of one segment. */
  of(segment: number): number[] {
    const found: number[] = [];
    const { count, segment: segments } = this.times;
    for (let i = 0; i < count; i++) if (segments[i] === segment) found.push(i);
    return found;
  }

  /** Local days on which any traversal began, ascending. */
  days(): number[] {
    const { enteredLocalS } = this.times;
    const days: number[] = [];
    for (const i of this.#byEntry) {
      const day = localDay(enteredLocalS[i]);
      if (days.at(-1) !== day) days.push(day);
    }
    return days;
  }

  #firstEntry(localS: number): number {
    const { enteredLocalS } = this.times;
    let low = 0;
    let high = this.#byEntry.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (enteredLocalS[this.#byEntry[middle]] < localS) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Local day of a date, YYYY-MM-DD. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00Z`) / 1000 / DAY_S;
}
