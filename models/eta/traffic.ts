import {
  LiveIndex,
  type ModelByTime,
  type ObservationSet,
  type RoadNetwork,
  TrafficWindows,
  type TripSet,
} from '@etalon/core/roads';
import type { EtaSettings } from './settings.ts';

/** What is asked of traffic where paths are described. */
export type TrafficView = Pick<Traffic, 'cityNames' | 'nodeNames' | 'city' | 'nodes'>;

/**
 * What was known of traffic at any time, as numbers for the network: by trips and traversals that had ended by then,
 * and by observations of segments whose interval had. `cityNames`
 * and `nodeNames` say what is written.
 */
export class Traffic {
  readonly cityNames: readonly string[];
  readonly nodeNames: readonly string[];
  readonly #live: LiveIndex;
  readonly #windows: TrafficWindows | null;

  constructor(
    network: RoadNetwork,
    trips: TripSet,
    models: ModelByTime,
    { trafficWindows }: Pick<EtaSettings, 'trafficWindows'>,
    observations: ObservationSet,
  ) {
    this.#live = new LiveIndex(network, trips, models, { observations });
    this.#windows =
      trafficWindows === 'on' && (trips.segmentS || observations.count > 0)
        ? new TrafficWindows(network, trips, models, { observations })
        : null;
    this.cityNames = this.#live.cityNames;
    this.nodeNames = [
      ...this.#live.segmentNames,
      ...(this.#windows ? [...this.#windows.liveNames, ...this.#windows.historyNames] : []),
    ];
  }

  /** Writes `cityNames.length` values into `out` from `at` on. */
  city(timeS: number, localS: number, out: Float32Array, at = 0): void {
    this.#live.city(timeS, localS, out, at);
  }

  /** Writes `nodeNames.length` values for each segment; `elapsedS` is how long after `timeS` each is reached. */
  nodes(
    timeS: number,
    segments: ArrayLike<number>,
    elapsedS: ArrayLike<number>,
    out: Float32Array,
    at = 0,
  ): void {
    if (!this.#windows) {
      this.#live.segments(timeS, segments, out, at);
      return;
    }
    const windows = this.#windows;
    const parts: [width: number, write: (into: Float32Array) => void][] = [
      [this.#live.segmentNames.length, (into) => this.#live.segments(timeS, segments, into)],
      [windows.liveNames.length, (into) => windows.live(timeS, segments, into)],
      [
        windows.historyNames.length,
        (into) =>
          windows.history(
            Float64Array.from(elapsedS, (seconds) => timeS + seconds),
            segments,
            into,
          ),
      ],
    ];
    let column = at;
    for (const [width, write] of parts) {
      const values = new Float32Array(segments.length * width);
      write(values);
      for (let i = 0; i < segments.length; i++)
        out.set(values.subarray(i * width, (i + 1) * width), column + i * this.nodeNames.length);
      column += width;
    }
  }
}
