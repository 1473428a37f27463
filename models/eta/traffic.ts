import {
  LiveIndex,
  type ModelByTime,
  type ObservationSet,
  type RoadNetwork,
  TrafficWindows,
  type TripSet,
} from '@etalon/core/roads';
import type { EtaSettings } from './settings.ts';

/**
 * What was known of traffic at any time, as numbers for the network: by trips and traversals that had ended by then,
 * and by observations of segments whose interval had. `cityNames`
 * and `nodeNames` say what is written.
 */
export class Traffic {
  readonly cityNames: readonly string[];
  readonly nodeNames: readonly string[];
  /** Whether any of a segment's values depends on when it is reached. */
  readonly looksAhead: boolean;
  /** How many of a segment's values do not depend on when it is reached. */
  readonly knownWidth: number;
  readonly #live: LiveIndex;
  readonly #windows: TrafficWindows | null;

  constructor(
    network: RoadNetwork,
    trips: TripSet,
    models: ModelByTime,
    { trafficWindows, edges }: Pick<EtaSettings, 'trafficWindows' | 'edges'>,
    observations: ObservationSet,
  ) {
    // What lies around a segment is known along edges: who has none is not told of it.
    this.#live = new LiveIndex(network, trips, models, { observations, around: edges === 'on' });
    this.#windows =
      trafficWindows === 'on' && (trips.segmentS || observations.count > 0)
        ? new TrafficWindows(network, trips, models, { observations })
        : null;
    this.cityNames = this.#live.cityNames;
    const known = [...this.#live.segmentNames, ...(this.#windows?.liveNames ?? [])];
    this.knownWidth = known.length;
    this.looksAhead = this.#windows !== null;
    this.nodeNames = [...known, ...(this.#windows?.historyNames ?? [])];
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
    const known = new Float32Array(segments.length * this.knownWidth);
    this.known(timeS, segments, known);
    spread(known, this.knownWidth, out, at, this.nodeNames.length);
    this.ahead(timeS, segments, elapsedS, out, at);
  }

  /** Writes the first `knownWidth` values of each segment, row by row: those that do not depend on when it is reached. */
  known(timeS: number, segments: ArrayLike<number>, out: Float32Array): void {
    if (!this.#windows) {
      this.#live.segments(timeS, segments, out);
      return;
    }
    const live = new Float32Array(segments.length * this.#live.segmentNames.length);
    this.#live.segments(timeS, segments, live);
    spread(live, this.#live.segmentNames.length, out, 0, this.knownWidth);
    const windows = new Float32Array(segments.length * this.#windows.liveNames.length);
    this.#windows.live(timeS, segments, windows);
    spread(windows, this.#windows.liveNames.length, out, this.#live.segmentNames.length, this.knownWidth);
  }

  /** Writes what remains into rows of `nodeNames.length` values, of which the first begins at `at`: the windows around each arrival. */
  ahead(
    timeS: number,
    segments: ArrayLike<number>,
    elapsedS: ArrayLike<number>,
    out: Float32Array,
    at = 0,
  ): void {
    if (!this.#windows) return;
    const arriveS = Float64Array.from(elapsedS, (seconds) => timeS + seconds);
    const history = new Float32Array(segments.length * this.#windows.historyNames.length);
    this.#windows.history(arriveS, segments, history);
    spread(history, this.#windows.historyNames.length, out, at + this.knownWidth, this.nodeNames.length);
  }
}

/** What features need of {@link Traffic}. */
export type TrafficReader = Pick<Traffic, 'cityNames' | 'nodeNames' | 'looksAhead' | 'city' | 'nodes'>;

/** Copies rows of `width` values into rows of `stride`, from `at` on. */
export function spread(
  rows: Float32Array,
  width: number,
  out: Float32Array,
  at: number,
  stride: number,
): void {
  for (let from = 0, to = at; from < rows.length; from += width, to += stride)
    for (let column = 0; column < width; column++) out[to + column] = rows[from + column];
}
