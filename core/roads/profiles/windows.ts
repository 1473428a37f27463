import type { RoadNetwork } from '../network.ts';
import type { ObservationSet } from '../observations.ts';
import type { TripSet } from '../trips.ts';
import type { ModelByTime } from './crossFit.ts';
import { boundedLogRatio, tripResiduals } from './residuals.ts';
import type { TimedSums } from './timedSums.ts';
import {
  eventSums,
  joinEvents,
  observedTraversals,
  type TraversalEvents,
  tripTraversals,
} from './traversalEvents.ts';

/** The windows of Derrow-Pinion et al. (2021, §3.2): their number and length, and how many weeks history looks back. */
export interface WindowOptions {
  liveWindows: number;
  liveMinutes: number;
  historyWindows: number;
  historyMinutes: number;
  weeks: number;
  /** How many traversals of the next wider group a group's own mean is shrunk by; not published, ours. */
  shrink: number;
}

export const windowDefaults: WindowOptions = {
  liveWindows: 17,
  liveMinutes: 2,
  historyWindows: 5,
  historyMinutes: 8,
  weeks: 17,
  shrink: 1,
};

const WEEK_S = 7 * 86_400;

/**
 * Traffic in windows of time, as log(observed ÷ expected): **live** windows that end at the time asked about, one before the
 * other, and **historical** ones around the time of arrival, in the weeks before. A segment with few traversals in a window falls
 * back to its road, then its class, then the whole network: the mean of n is shrunk by n / (n + k) towards that of the next
 * wider group. Only traversals that had ended by the time asked about are seen.
 */
export class TrafficWindows {
  readonly liveNames: readonly string[];
  readonly historyNames: readonly string[];
  readonly #options: WindowOptions;
  /** From the narrowest group to the widest: segment, road, class, network. Quantities: observed, expected seconds. */
  readonly #levels: readonly { groupOf: (segment: number) => number; sums: TimedSums }[];

  /** Seconds per segment of `trips`, and `observations` of segments; without any, every window is 0. */
  constructor(
    network: RoadNetwork,
    trips: TripSet,
    models: ModelByTime,
    { observations, ...options }: Partial<WindowOptions> & { observations?: ObservationSet } = {},
  ) {
    this.#options = { ...windowDefaults, ...options };
    const { liveWindows, historyWindows } = this.#options;
    this.liveNames = [...numbered('window', liveWindows), 'windowLogCount'];
    this.historyNames = [...numbered('history', historyWindows), 'historyLogCount'];
    const seen = observations?.count ? [observedTraversals(network, models, observations)] : [];
    const driven = tripTraversals(trips, tripResiduals(trips, models));
    this.#levels = levelsOf(network, joinEvents([driven, ...seen]));
  }

  /** Writes the live windows of each segment, the newest first, then log(1 + traversals in all of them). */
  live(timeS: number, segments: ArrayLike<number>, out: Float32Array, at = 0): void {
    const { liveWindows, liveMinutes } = this.#options;
    const width = this.liveNames.length;
    for (let i = 0; i < segments.length; i++) {
      const begin = at + i * width;
      let count = 0;
      for (let w = 0; w < liveWindows; w++) {
        const spans = [{ fromS: timeS - (w + 1) * liveMinutes * 60, untilS: timeS - w * liveMinutes * 60 }];
        const mean = this.#mean(segments[i], spans);
        out[begin + w] = mean.logRatio;
        count += mean.count;
      }
      out[begin + liveWindows] = Math.log1p(count);
    }
  }

  /**
   * Writes the historical windows of each segment around the times at which it is reached, the earliest first, then
   * log(1 + traversals in all of them).
   */
  history(arriveS: ArrayLike<number>, segments: ArrayLike<number>, out: Float32Array, at = 0): void {
    const { historyWindows, historyMinutes, weeks } = this.#options;
    const width = this.historyNames.length;
    const lengthS = historyMinutes * 60;
    for (let i = 0; i < segments.length; i++) {
      const begin = at + i * width;
      let count = 0;
      for (let w = 0; w < historyWindows; w++) {
        const fromS = arriveS[i] + (w - historyWindows / 2) * lengthS;
        const spans = Array.from({ length: weeks }, (_, week) => ({
          fromS: fromS - (week + 1) * WEEK_S,
          untilS: fromS + lengthS - (week + 1) * WEEK_S,
        }));
        const mean = this.#mean(segments[i], spans);
        out[begin + w] = mean.logRatio;
        count += mean.count;
      }
      out[begin + historyWindows] = Math.log1p(count);
    }
  }

  /** Over the spans together, from the widest group to the segment itself; the count is the segment's own. */
  #mean(
    segment: number,
    spans: readonly { fromS: number; untilS: number }[],
  ): { logRatio: number; count: number } {
    let logRatio = 0;
    let count = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const { groupOf, sums } = this.#levels[level];
      const group = groupOf(segment);
      let observedS = 0;
      let expectedS = 0;
      count = 0;
      for (const { fromS, untilS } of spans) {
        const until = sums.position(group, untilS);
        const from = sums.position(group, fromS);
        count += until - from;
        observedS += sums.sum(0, from, until);
        expectedS += sums.sum(1, from, until);
      }
      if (count === 0) continue;
      const own = boundedLogRatio(observedS, expectedS);
      const share = count / (count + this.#options.shrink);
      logRatio += share * (own - logRatio);
    }
    return { logRatio, count };
  }
}

function levelsOf(network: RoadNetwork, events: TraversalEvents) {
  const level = (groups: number, groupOf: (segment: number) => number) => ({
    groupOf,
    sums: eventSums(events, groups, groupOf),
  });
  const { segmentCount, names, nameIndex, roadClass } = network;
  // Roads without a name are no road together: such a segment stands for itself.
  const roadOf = (s: number) => (nameIndex[s] > 0 ? nameIndex[s] : names.length + s);
  return [
    level(segmentCount, (s) => s),
    level(names.length + segmentCount, roadOf),
    level(256, (s) => roadClass[s]),
    level(1, () => 0),
  ];
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i + 1}`);
}
