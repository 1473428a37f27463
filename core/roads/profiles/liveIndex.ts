import type { RoadNetwork } from '../network.ts';
import type { ObservationSet } from '../observations.ts';
import { secondOfDay, type TripSet } from '../trips.ts';
import type { ModelByTime } from './crossFit.ts';
import { type DirectedCells, directedCells } from './gridCells.ts';
import { boundedLogRatio, type TripResiduals, tripResiduals } from './residuals.ts';
import { aroundSegments } from './surroundings.ts';
import { TimedSums } from './timedSums.ts';
import { eventSums, joinEvents, observedTraversals, tripTraversals } from './traversalEvents.ts';

export interface LiveOptions {
  /** Windows of the city-wide residual, minutes; the day so far is added to them. */
  cityMinutes: readonly number[];
  /** Grids of the local residual: side in metres, sectors of the compass, window in minutes. */
  grids: readonly { sizeM: number; headings: number; minutes: number }[];
  /** Windows of each segment's own residual, minutes; used where segment times are known. */
  segmentMinutes: readonly number[];
  /** Window of the residual of the segments around each segment, minutes; used where segment times are known. */
  aroundMinutes: number;
  /** Whether they are told of at all. */
  around: boolean;
  /** How many trips of no residual a mean is shrunk by. */
  shrinkTrips: number;
  /** The same for a segment's own traversals. */
  shrinkTraversals: number;
}

export const liveDefaults: LiveOptions = {
  cityMinutes: [15, 30, 60, 120, 360],
  grids: [
    { sizeM: 700, headings: 8, minutes: 60 },
    { sizeM: 2000, headings: 4, minutes: 60 },
  ],
  segmentMinutes: [5, 10, 15, 30, 60],
  aroundMinutes: 15,
  around: true,
  shrinkTrips: 4,
  shrinkTraversals: 1,
};

/** Minutes after which a segment's last traversal counts 1/e in its recency. */
const RECENCY_MINUTES = 15;
/** Traversals that end next on a segment, among which those that have begun are looked for. */
const MOST_PRESENT = 12;

/**
 * How traffic runs now against what the segment model expects, from trips (and, where known, traversals) that had
 * ended before the time asked about: nothing that a deployed system could not know then. All figures are
 * mean log(observed ÷ expected), shrunk towards 0 by n / (n + k), and 0 without observations.
 *
 * For training, expectations must come from models that did not see the trips: pass a `CrossFit`.
 */
export class LiveIndex {
  /** Names of what {@link city} writes. */
  readonly cityNames: readonly string[];
  /** Names of what {@link segments} writes for each segment. */
  readonly segmentNames: readonly string[];
  readonly #options: LiveOptions;
  readonly #city: TimedSums;
  readonly #grids: { cells: DirectedCells; sums: TimedSums; windowS: number }[];
  readonly #traversals: TimedSums | undefined;
  /** Of trips alone: an observation is of no vehicle that could be on its way. */
  readonly #vehicles: TimedSums | undefined;
  readonly #around: ReturnType<typeof aroundSegments>;
  /** What traversals of each segment said in the window of those around, as asked for last: rings overlap, and ask again. */
  readonly #lately: LatelyDriven;

  /** `observations` of segments, where there are any, count like traversals of trips: one for each segment and interval. */
  constructor(
    network: RoadNetwork,
    trips: TripSet,
    models: ModelByTime,
    { observations, ...options }: Partial<LiveOptions> & { observations?: ObservationSet } = {},
  ) {
    this.#options = { ...liveDefaults, ...options };
    const { cityMinutes, grids, segmentMinutes } = this.#options;
    const residuals = tripResiduals(trips, models);
    this.#city = citySums(residuals);
    this.#grids = grids.map(({ sizeM, headings, minutes }) => {
      const cells = directedCells(network, sizeM, headings);
      return { cells, sums: cellSums(trips, residuals, cells), windowS: minutes * 60 };
    });
    const driven = tripTraversals(trips, residuals);
    const seen = observations?.count ? [observedTraversals(network, models, observations)] : [];
    this.#vehicles = trips.segmentS && eventSums(driven, network.segmentCount);
    this.#traversals =
      seen.length > 0 ? eventSums(joinEvents([driven, ...seen]), network.segmentCount) : this.#vehicles;
    this.#around = this.#traversals && this.#options.around ? aroundSegments(network) : [];
    this.#lately = latelyDriven(this.#traversals ? network.segmentCount : 0);
    this.cityNames = [...cityMinutes.map((minutes) => `city${minutes}min`), 'cityDay'];
    this.segmentNames = [
      ...grids.map(({ sizeM }) => `cell${sizeM}m`),
      ...(this.#traversals
        ? [
            ...segmentMinutes.map((minutes) => `segment${minutes}min`),
            'segmentLogCount',
            'segmentRecency',
            'segmentStanding',
            'segmentPresent',
          ]
        : []),
      ...this.#around.map(({ name }) => name),
    ];
  }

  /** Writes the city's residuals at a time, `cityNames.length` values, into `out` from `at` on. */
  city(timeS: number, localS: number, out: Float32Array, at = 0): void {
    const { cityMinutes, shrinkTrips } = this.#options;
    const until = this.#city.position(0, timeS);
    const write = (index: number, windowS: number) => {
      const from = this.#city.position(0, timeS - windowS);
      out[at + index] = this.#city.sum(0, from, until) / (until - from + shrinkTrips);
    };
    cityMinutes.forEach((minutes, index) => {
      write(index, minutes * 60);
    });
    write(cityMinutes.length, secondOfDay(localS));
  }

  /** Writes each segment's residuals at a time, `segmentNames.length` values a segment, into `out` from `at` on. */
  segments(timeS: number, segments: ArrayLike<number>, out: Float32Array, at = 0): void {
    const width = this.segmentNames.length;
    for (let g = 0; g < this.#grids.length; g++)
      this.#writeCells(this.#grids[g], timeS, segments, out, at + g);
    if (!this.#traversals) return;
    const own = at + this.#grids.length;
    const around = at + width - this.#around.length;
    this.#lately.call++;
    for (let i = 0; i < segments.length; i++) {
      this.#writeOwn(this.#traversals, timeS, segments[i], out, own + i * width);
      this.#writeAround(this.#traversals, timeS, segments[i], out, around + i * width);
    }
  }

  #writeCells(
    grid: { cells: DirectedCells; sums: TimedSums; windowS: number },
    timeS: number,
    segments: ArrayLike<number>,
    out: Float32Array,
    at: number,
  ): void {
    const width = this.segmentNames.length;
    const known = new Map<number, number>();
    for (let i = 0; i < segments.length; i++) {
      const cell = grid.cells.cellOfSegment[segments[i]];
      let value = known.get(cell);
      if (value === undefined) {
        const until = grid.sums.position(cell, timeS);
        const from = grid.sums.position(cell, timeS - grid.windowS);
        value = grid.sums.sum(0, from, until) / (until - from + this.#options.shrinkTrips);
        known.set(cell, value);
      }
      out[at + i * width] = value;
    }
  }

  #writeOwn(sums: TimedSums, timeS: number, segment: number, out: Float32Array, at: number): void {
    const { segmentMinutes, shrinkTraversals } = this.#options;
    const until = sums.position(segment, timeS);
    let longest = 0;
    // The windows are nested: one walk back finds where each begins.
    let from = until;
    for (let w = 0; w < segmentMinutes.length; w++) {
      from = sums.positionBack(segment, timeS - segmentMinutes[w] * 60, from);
      const count = until - from;
      longest = Math.max(longest, count);
      const ratio = count > 0 ? boundedLogRatio(sums.sum(0, from, until), sums.sum(1, from, until)) : 0;
      out[at + w] = (ratio * count) / (count + shrinkTraversals);
    }
    const minutesAgo =
      until > sums.begin(segment) ? (timeS - sums.timeAt(until - 1)) / 60 : Number.POSITIVE_INFINITY;
    out[at + segmentMinutes.length] = Math.log1p(longest);
    out[at + segmentMinutes.length + 1] = Math.exp(-minutesAgo / RECENCY_MINUTES);
    this.#writePresent(timeS, segment, out, at + segmentMinutes.length + 2);
  }

  /**
   * Vehicles that are on the segment now: by how much the one that has been there longest is late, and how many there are. A
   * vehicle that stands in a new queue tells of it before any has got through. Of its traversal only the beginning is
   * looked at, and that it has not ended.
   */
  #writePresent(timeS: number, segment: number, out: Float32Array, at: number): void {
    const sums = this.#vehicles;
    out[at] = out[at + 1] = 0;
    if (!sums) return;
    const until = sums.position(segment, timeS);
    const end = Math.min(sums.end(segment), until + MOST_PRESENT);
    let present = 0;
    let latest = 0;
    for (let position = until; position < end; position++) {
      const enterS = sums.timeAt(position) - sums.sum(0, position, position + 1);
      if (enterS >= timeS) continue;
      present++;
      const late = boundedLogRatio(timeS - enterS, sums.sum(1, position, position + 1));
      if (late > latest) latest = late;
    }
    out[at] = latest;
    out[at + 1] = Math.log1p(present);
  }

  /** Off-route traffic: queues ahead reach back, and what fills the segments behind arrives next. */
  #writeAround(sums: TimedSums, timeS: number, segment: number, out: Float32Array, at: number): void {
    const { shrinkTraversals } = this.#options;
    const lately = this.#lately;
    this.#around.forEach(({ offsets, segments }, ring) => {
      let count = 0;
      let observedS = 0;
      let expectedS = 0;
      for (let i = offsets[segment]; i < offsets[segment + 1]; i++) {
        const near = segments[i];
        if (lately.askedIn[near] !== lately.call) this.#lookUp(sums, timeS, near);
        count += lately.count[near];
        observedS += lately.observedS[near];
        expectedS += lately.expectedS[near];
      }
      const ratio = count > 0 ? boundedLogRatio(observedS, expectedS) : 0;
      out[at + ring] = (ratio * count) / (count + shrinkTraversals);
    });
  }

  #lookUp(sums: TimedSums, timeS: number, segment: number): void {
    const until = sums.position(segment, timeS);
    const from = sums.positionBack(segment, timeS - this.#options.aroundMinutes * 60, until);
    const lately = this.#lately;
    lately.askedIn[segment] = lately.call;
    lately.count[segment] = until - from;
    lately.observedS[segment] = sums.sum(0, from, until);
    lately.expectedS[segment] = sums.sum(1, from, until);
  }
}

/** [S] each, right where a segment was asked for in the current call. */
interface LatelyDriven {
  call: number;
  readonly askedIn: Float64Array;
  readonly count: Uint32Array;
  readonly observedS: Float64Array;
  readonly expectedS: Float64Array;
}

function latelyDriven(segments: number): LatelyDriven {
  return {
    call: 0,
    askedIn: new Float64Array(segments),
    count: new Uint32Array(segments),
    observedS: new Float64Array(segments),
    expectedS: new Float64Array(segments),
  };
}

function citySums({ logRatio, knownAtS }: TripResiduals): TimedSums {
  const known = [...logRatio.keys()].filter((trip) => !Number.isNaN(logRatio[trip]));
  return new TimedSums(
    1,
    new Uint8Array(known.length),
    known.map((trip) => knownAtS[trip]),
    [known.map((trip) => logRatio[trip])],
  );
}

/**
 * One event for each trip and each cell it crossed: the trip's own ratio, or, where the seconds of all its
 * traversals are known, the ratio within the cell, known when the trip left it for the last time.
 */
function cellSums(trips: TripSet, residuals: TripResiduals, cells: DirectedCells): TimedSums {
  const group: number[] = [];
  const timeS: number[] = [];
  const value: number[] = [];
  const observedS = new Float64Array(cells.count);
  const expectedS = new Float64Array(cells.count);
  const leftAtS = new Float64Array(cells.count);
  for (let trip = 0; trip < trips.count; trip++) {
    if (Number.isNaN(residuals.logRatio[trip])) continue;
    const begin = trips.offsets[trip];
    const end = trips.offsets[trip + 1];
    const visited = new Set<number>();
    const detailed = trips.segmentS?.subarray(begin, end).every((seconds) => seconds >= 0) ?? false;
    for (let k = begin; k < end; k++) {
      const cell = cells.cellOfSegment[trips.segments[k]];
      if (!visited.has(cell)) {
        visited.add(cell);
        observedS[cell] = 0;
        expectedS[cell] = 0;
      }
      if (!detailed) continue;
      observedS[cell] += trips.segmentS![k];
      expectedS[cell] += residuals.expectedS[k];
      leftAtS[cell] = residuals.traversalKnownAtS[k];
    }
    for (const cell of visited) {
      const ratio = detailed ? boundedLogRatio(observedS[cell], expectedS[cell]) : residuals.logRatio[trip];
      if (Number.isNaN(ratio)) continue;
      group.push(cell);
      timeS.push(detailed ? leftAtS[cell] : residuals.knownAtS[trip]);
      value.push(ratio);
    }
  }
  return new TimedSums(cells.count, group, timeS, [value]);
}
