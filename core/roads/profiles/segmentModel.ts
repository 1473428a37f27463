import { EtalonError } from '../../base/index.ts';
import { ROAD_CLASSES, type RoadNetwork, SEGMENT_FLAGS } from '../network.ts';
import type { TripSet } from '../trips.ts';
import { DELAY, DELAYS, endsAtSignal, turnDelayBetween } from './delays.ts';
import { type BandHours, bandOfCells, TIME_CELLS, timeCell } from './timeCells.ts';

/** Roads and their ramps have paces of their own: group = 2 · road class + ramp. */
export const PACE_GROUPS = 2 * ROAD_CLASSES.length;

export function paceGroup(network: RoadNetwork, segment: number): number {
  return 2 * network.roadClass[segment] + (network.flags[segment] & SEGMENT_FLAGS.link ? 1 : 0);
}

/** The model as named arrays and JSON, as a checkpoint keeps it. */
export interface SegmentModelRecord {
  arrays: Record<string, Float32Array>;
  json: { version: 1; bandHours: BandHours; daysSeen: boolean[] };
}

export interface SegmentModelParts {
  readonly bandHours: BandHours;
  /** [3] whether training had trips of each day type; a type never seen behaves like those that were. */
  readonly dayTypesSeen: readonly boolean[];
  /** [PACE_GROUPS] seconds per metre. */
  readonly groupPace: Float32Array;
  /** [S] seconds per metre by which a segment departs from its group. */
  readonly deviation: Float32Array;
  /** [S · bands] seconds per metre by which a segment departs further in each band of the week. */
  readonly bandDeviation: Float32Array;
  /** [S] traversals in training. */
  readonly traversals: Float32Array;
  /** [TIME_CELLS] g: the city's factor by hour and day type; its mean over training trips is about 1. */
  readonly cellFactor: Float32Array;
  /** [DELAYS] seconds: per trip, signal, left turn, right turn. */
  readonly delayS: Float32Array;
}

/**
 * The multiplicative segment model: a trip takes
 *   y = g(hour, day type) · Σ length · (pace_group + d_segment + d_segment,band)
 *       + trip + signals · signal + left turns · left + right turns · right.
 * Fitted by `fitSegmentModel`.
 */
export class SegmentModel implements SegmentModelParts {
  readonly network: RoadNetwork;
  readonly bandHours: BandHours;
  readonly bandCount: number;
  readonly dayTypesSeen: readonly boolean[];
  readonly groupPace: Float32Array;
  readonly deviation: Float32Array;
  readonly bandDeviation: Float32Array;
  readonly traversals: Float32Array;
  readonly cellFactor: Float32Array;
  readonly delayS: Float32Array;
  readonly #bandOfCell: Uint8Array;
  /** [S · bands] seconds per metre at g = 1, kept above a floor. */
  readonly #pace: Float32Array;

  constructor(network: RoadNetwork, parts: SegmentModelParts) {
    this.network = network;
    this.bandHours = parts.bandHours;
    this.bandCount = countBands(parts.bandHours);
    this.dayTypesSeen = parts.dayTypesSeen;
    this.groupPace = parts.groupPace;
    this.deviation = parts.deviation;
    this.bandDeviation = parts.bandDeviation;
    this.traversals = parts.traversals;
    this.cellFactor = parts.cellFactor;
    this.delayS = parts.delayS;
    this.#bandOfCell = bandOfCells(this.bandHours);
    this.#pace = boundedPaces(network, parts);
  }

  /** Itself, at any time: lets one model stand where several (`CrossFit`) may. */
  modelAt(): SegmentModel {
    return this;
  }

  /** Index of the band of the week that a wall-clock time falls in. */
  band(localS: number): number {
    return this.#bandOfCell[timeCell(localS)];
  }

  /** g at a wall-clock time. */
  factor(localS: number): number {
    return this.cellFactor[timeCell(localS)];
  }

  /** Seconds per metre of a segment in a band, at g = 1; always positive. */
  pace(segment: number, band: number): number {
    return this.#pace[segment * this.bandCount + band];
  }

  /** Seconds for driving a segment at a wall-clock time, without what its end costs. */
  drivingS(segment: number, localS: number): number {
    return this.factor(localS) * this.network.lengthM[segment] * this.pace(segment, this.band(localS));
  }

  /** Seconds that a segment's end costs: its signal and the turn onto `next` (−1: the trip ends there). */
  endDelayS(segment: number, next: number): number {
    const turn = turnDelayBetween(this.network, segment, next);
    return (
      (endsAtSignal(this.network, segment) ? this.delayS[DELAY.signal] : 0) +
      (turn < 0 ? 0 : this.delayS[turn])
    );
  }

  /** [traversals of the trip] seconds of each, driving and end. The trip's own constant is not among them. */
  traversalsS(trips: TripSet, trip: number): Float32Array {
    const begin = trips.offsets[trip];
    const count = trips.offsets[trip + 1] - begin;
    const localS = trips.localDepartS[trip];
    const seconds = new Float32Array(count);
    for (let k = 0; k < count; k++) {
      const segment = trips.segments[begin + k];
      const next = k + 1 < count ? trips.segments[begin + k + 1] : -1;
      seconds[k] = Math.max(0.1, this.drivingS(segment, localS) + this.endDelayS(segment, next));
    }
    return seconds;
  }

  /** Seconds of a whole trip. */
  predictTrip(trips: TripSet, trip: number): number {
    let seconds = this.delayS[DELAY.trip];
    for (const traversalS of this.traversalsS(trips, trip)) seconds += traversalS;
    return Math.max(1, seconds);
  }

  /** [N] seconds of every trip. */
  predictTrips(trips: TripSet): Float32Array {
    return Float32Array.from({ length: trips.count }, (_, trip) => this.predictTrip(trips, trip));
  }

  toRecord(): SegmentModelRecord {
    const { groupPace, deviation, bandDeviation, traversals, cellFactor, delayS } = this;
    return {
      arrays: { groupPace, deviation, bandDeviation, traversals, cellFactor, delayS },
      json: { version: 1, bandHours: this.bandHours, daysSeen: [...this.dayTypesSeen] },
    };
  }
}

/** Restores a model from its record. Throws `input` where the record does not belong to the network. */
export function segmentModelFrom(network: RoadNetwork, record: SegmentModelRecord): SegmentModel {
  const { arrays, json } = record;
  const S = network.segmentCount;
  const bands = countBands(json.bandHours);
  const sizes: Record<keyof Omit<SegmentModelParts, 'bandHours' | 'dayTypesSeen'>, number> = {
    groupPace: PACE_GROUPS,
    deviation: S,
    bandDeviation: S * bands,
    traversals: S,
    cellFactor: TIME_CELLS,
    delayS: DELAYS.length,
  };
  for (const [name, size] of Object.entries(sizes))
    if (arrays[name]?.length !== size)
      throw new EtalonError(
        'input',
        `The saved segment model has ${arrays[name]?.length ?? 0} values of ${name} where these roads need ${size}.`,
        { remedy: 'Train a new run on the roads of this project.' },
      );
  const { groupPace, deviation, bandDeviation, traversals, cellFactor, delayS } = arrays;
  return new SegmentModel(network, {
    bandHours: json.bandHours,
    dayTypesSeen: json.daysSeen,
    groupPace,
    deviation,
    bandDeviation,
    traversals,
    cellFactor,
    delayS,
  });
}

function countBands({ weekday, weekend }: BandHours): number {
  return weekday.length + weekend.length;
}

/** A deviation may be large where few trips went; no pace falls below a quarter of its group's. */
function boundedPaces(network: RoadNetwork, parts: SegmentModelParts): Float32Array {
  const bands = countBands(parts.bandHours);
  const pace = new Float32Array(network.segmentCount * bands);
  for (let s = 0; s < network.segmentCount; s++) {
    const groupPace = parts.groupPace[paceGroup(network, s)];
    for (let b = 0; b < bands; b++)
      pace[s * bands + b] = Math.max(
        0.25 * groupPace,
        groupPace + parts.deviation[s] + parts.bandDeviation[s * bands + b],
      );
  }
  return pace;
}
