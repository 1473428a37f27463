import { breathe, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import {
  type CrossFit,
  DELAY,
  dayType,
  endsAtSignal,
  findTurn,
  freeFlowS,
  type LiveIndex,
  paceGroup,
  ROAD_CLASSES,
  type RoadNetwork,
  SEGMENT_FLAGS,
  type SegmentModel,
  secondOfDay,
  type TripSet,
  TURN_CLASSES,
  weekday,
} from '@etalon/core/roads';

/**
 * What the learned baselines are told of trips: the network's own information, from the same segment models and the same
 * traffic as known at departure. Names stand beside the values; [N · width] and [M · width], row by row.
 */
export interface RouteInputs {
  /** Of each trip. */
  tripNames: readonly string[];
  trips: Float32Array;
  /** Of each traversal; none where only trips were asked for. */
  segmentNames: readonly string[];
  segments: Float32Array;
  /** [N] seconds that the segment model expects. */
  expectedS: Float32Array;
}

/** What a learned baseline learns from, and what it is asked. Training trips have known seconds. */
export interface RouteTask {
  train: TripSet;
  known: RouteInputs;
  test: TripSet;
  asked: RouteInputs;
}

const TURNS = ['left', 'right', 'straight', 'uTurn'] as const;

/** Inputs of trips, by segment models that did not see their days. Throws `cancelled`. */
export async function routeInputs(
  network: RoadNetwork,
  models: CrossFit,
  live: LiveIndex,
  trips: TripSet,
  { perSegment }: { perSegment: boolean },
  context: TaskContext,
): Promise<RouteInputs> {
  const rows = new Rows(trips.count);
  const segmentRows = new Rows(perSegment ? trips.segments.length : 0);
  const expectedS = new Float32Array(trips.count);
  const width = live.segmentNames.length;
  const city = new Float32Array(live.cityNames.length);
  for (let trip = 0; trip < trips.count; trip++) {
    if (trip % 500 === 0) {
      context.report({ stage: 'Describing routes', done: trip, total: trips.count, unit: 'trips' });
      await breathe();
      throwIfCancelled(context.signal);
    }
    const begin = trips.offsets[trip];
    const segments = trips.segments.subarray(begin, trips.offsets[trip + 1]);
    const localS = trips.localDepartS[trip];
    const model = models.modelAt(localS);
    const traversalS = model.traversalsS(trips, trip);
    const current = new Float32Array(segments.length * width);
    live.segments(trips.departS[trip], segments, current);
    live.city(trips.departS[trip], localS, city);
    const route = new Route(network, model, segments, traversalS, localS);
    expectedS[trip] = Math.max(1, model.delayS[DELAY.trip] + route.elapsedS[segments.length]);
    const row = rows.next();
    row('hour', secondOfDay(localS) / 3600);
    row('weekday', weekday(localS));
    row('dayType', dayType(localS));
    route.describe(row, expectedS[trip]);
    live.cityNames.forEach((name, i) => {
      row(`live.${name}`, city[i]);
    });
    live.segmentNames.forEach((name, i) => {
      const along = (from: number, to: number) => route.mean((k) => current[k * width + i], from, to);
      row(`live.${name}.mean`, along(0, 1));
      row(`live.${name}.first`, along(0, 1 / 3));
      row(`live.${name}.last`, along(2 / 3, 1));
    });
    for (let k = 0; perSegment && k < segments.length; k++) {
      const node = segmentRows.next();
      route.describeSegment(node, k);
      live.segmentNames.forEach((name, i) => {
        node(`live.${name}`, current[k * width + i]);
      });
    }
  }
  return {
    tripNames: rows.names,
    trips: rows.values(),
    segmentNames: segmentRows.names,
    segments: segmentRows.values(),
    expectedS,
  };
}

type Write = (name: string, value: number) => void;

/** One trip's path with what the segment model expects of it. */
class Route {
  readonly #network: RoadNetwork;
  readonly #model: SegmentModel;
  readonly #segments: Int32Array;
  readonly #traversalS: Float32Array;
  readonly #localS: number;
  /** [segments + 1] seconds expected before each segment, and after the last. */
  readonly elapsedS: Float64Array;

  constructor(
    network: RoadNetwork,
    model: SegmentModel,
    segments: Int32Array,
    traversalS: Float32Array,
    localS: number,
  ) {
    this.#network = network;
    this.#model = model;
    this.#segments = segments;
    this.#traversalS = traversalS;
    this.#localS = localS;
    this.elapsedS = new Float64Array(segments.length + 1);
    for (let k = 0; k < segments.length; k++) this.elapsedS[k + 1] = this.elapsedS[k] + traversalS[k];
  }

  /** Mean over the segments whose middle lies within those shares of the time, weighed by their expected seconds. */
  mean(value: (k: number) => number, from = 0, to = 1): number {
    const totalS = this.elapsedS[this.#segments.length];
    let sum = 0;
    let weight = 0;
    for (let k = 0; k < this.#segments.length; k++) {
      const middle = (this.elapsedS[k] + this.elapsedS[k + 1]) / 2 / totalS;
      if (middle < from || middle > to) continue;
      sum += this.#traversalS[k] * value(k);
      weight += this.#traversalS[k];
    }
    return weight > 0 ? sum / weight : 0;
  }

  describe(row: Write, expectedS: number): void {
    const [network, model, segments] = [this.#network, this.#model, this.#segments];
    const classM = new Float64Array(ROAD_CLASSES.length);
    const turns = { left: 0, right: 0, straight: 0, uTurn: 0 };
    let lengthM = 0;
    let linkM = 0;
    let freeS = 0;
    let signals = 0;
    let roundabouts = 0;
    segments.forEach((segment, k) => {
      lengthM += network.lengthM[segment];
      classM[network.roadClass[segment]] += network.lengthM[segment];
      if (network.flags[segment] & SEGMENT_FLAGS.link) linkM += network.lengthM[segment];
      if (network.flags[segment] & SEGMENT_FLAGS.roundabout) roundabouts++;
      if (endsAtSignal(network, segment)) signals++;
      freeS += freeFlowS(network, segment);
      const turn = this.#turn(k);
      if (turn) turns[turn]++;
    });
    row('segments', segments.length);
    row('km', lengthM / 1000);
    ROAD_CLASSES.forEach((name, i) => {
      row(`km.${name}`, classM[i] / 1000);
      row(`share.${name}`, classM[i] / lengthM);
    });
    row('km.link', linkM / 1000);
    row('signals', signals);
    row('roundabouts', roundabouts);
    for (const name of TURNS) row(name, turns[name]);
    row('logExpected', Math.log(expectedS));
    row('logExpectedPace', Math.log(expectedS / lengthM));
    row('logFreeFlow', Math.log(expectedS / freeS));
    row('cityFactor', model.factor(this.#localS));
    const traversals = (k: number) => Math.log1p(model.traversals[segments[k]]);
    row('logTraversals', this.mean(traversals));
    row(
      'leastLogTraversals',
      segments.reduce((least, _, k) => Math.min(least, traversals(k)), 99),
    );
    row(
      'seldomShare',
      this.mean((k) => (model.traversals[segments[k]] < 10 ? 1 : 0)),
    );
    row(
      'paceDeviation',
      this.mean((k) => this.#deviation(k)),
    );
    row(
      'bandDeviation',
      this.mean((k) => this.#bandDeviation(k)),
    );
    const [start, end] = [this.#end(segments[0], 0), this.#end(segments[segments.length - 1], -1)];
    row('startLon', start[0]);
    row('startLat', start[1]);
    row('endLon', end[0]);
    row('endLat', end[1]);
    const north = (end[1] - start[1]) * 111_195;
    const east = (end[0] - start[0]) * 111_195 * Math.cos((start[1] * Math.PI) / 180);
    const straightM = Math.hypot(north, east);
    row('straightKm', straightM / 1000);
    row('detour', straightM / lengthM);
    row('bearing', Math.atan2(east, north));
    row('firstPace', Math.log(model.pace(segments[0], model.band(this.#localS))));
    row('lastPace', Math.log(model.pace(segments[segments.length - 1], model.band(this.#localS))));
  }

  /** What the graph network is told of the segment and of the turn after it. */
  describeSegment(row: Write, k: number): void {
    const [network, model] = [this.#network, this.#model];
    const segment = this.#segments[k];
    row('logLength', Math.log1p(network.lengthM[segment]));
    row('speedLimit', network.speedLimitKmh[segment]);
    row('lanes', network.lanes[segment]);
    row('importance', network.roadClass[segment]);
    for (const flag of ['link', 'signal', 'roundabout', 'oneway', 'bridge', 'tunnel'] as const)
      row(flag, network.flags[segment] & SEGMENT_FLAGS[flag] ? 1 : 0);
    row('logExpected', Math.log(this.#traversalS[k]));
    row('logExpectedPace', Math.log(this.#traversalS[k] / Math.max(1, network.lengthM[segment])));
    row('paceDeviation', this.#deviation(k));
    row('bandDeviation', this.#bandDeviation(k));
    row('logTraversals', Math.log1p(model.traversals[segment]));
    row('logElapsed', Math.log1p(this.elapsedS[k]));
    for (const name of TURNS) row(name, this.#turn(k) === name ? 1 : 0);
  }

  /** Share of the class's pace by which the segment departs from it. */
  #deviation(k: number): number {
    const segment = this.#segments[k];
    return this.#model.deviation[segment] / this.#model.groupPace[paceGroup(this.#network, segment)];
  }

  #bandDeviation(k: number): number {
    const model = this.#model;
    const segment = this.#segments[k];
    const deviation = model.bandDeviation[segment * model.bandCount + model.band(this.#localS)];
    return deviation / model.groupPace[paceGroup(this.#network, segment)];
  }

  /** The turn after a segment; none after the last. */
  #turn(k: number): (typeof TURNS)[number] | null {
    if (k + 1 >= this.#segments.length) return null;
    const turn = findTurn(this.#network, this.#segments[k], this.#segments[k + 1]);
    const name = turn < 0 ? 'uTurn' : TURN_CLASSES[this.#network.turnClass[turn]];
    if (name === 'uTurn') return 'uTurn';
    if (name === 'left' || name === 'sharpLeft') return 'left';
    return name === 'right' || name === 'sharpRight' ? 'right' : 'straight';
  }

  /** Longitude and latitude of a segment's first point, or of its last. */
  #end(segment: number, which: 0 | -1): [number, number] {
    const { geometryOffsets, coordinates } = this.#network;
    const at = which === 0 ? geometryOffsets[segment] : geometryOffsets[segment + 1] - 1;
    return [coordinates[2 * at], coordinates[2 * at + 1]];
  }
}

/** Rows written name by name, always in the order of the first. */
class Rows {
  readonly names: string[] = [];
  readonly #count: number;
  #values: Float32Array | undefined;
  #first: number[] = [];
  #written = 0;

  constructor(count: number) {
    this.#count = count;
  }

  next(): Write {
    if (this.#written > 0 && !this.#values) this.#begin();
    return (name, value) => {
      if (this.#values) this.#values[this.#written] = value;
      else {
        this.names.push(name);
        this.#first.push(value);
      }
      this.#written++;
    };
  }

  values(): Float32Array {
    if (!this.#values) this.#begin();
    return this.#values!;
  }

  #begin(): void {
    this.#values = new Float32Array(this.#count * this.names.length);
    this.#values.set(this.#first);
  }
}

/** The inputs of the trips at the given positions, without those of their traversals. */
export function selectRoutes(
  { tripNames, trips, expectedS }: RouteInputs,
  positions: readonly number[],
): RouteInputs {
  const width = tripNames.length;
  const chosen = new Float32Array(positions.length * width);
  positions.forEach((trip, i) => {
    chosen.set(trips.subarray(trip * width, (trip + 1) * width), i * width);
  });
  return {
    tripNames,
    trips: chosen,
    segmentNames: [],
    segments: new Float32Array(0),
    expectedS: Float32Array.from(positions, (trip) => expectedS[trip]),
  };
}

/** [width][N] the columns of row-major values. */
export function columnsOf(values: Float32Array, width: number): Float32Array[] {
  const rows = values.length / width;
  return Array.from({ length: width }, (_, column) =>
    Float32Array.from({ length: rows }, (_, row) => values[row * width + column]),
  );
}
