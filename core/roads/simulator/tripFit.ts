import { choleskySolve } from '../../base/cholesky.ts';
import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';
import { secondOfDay, type TripSet } from '../trips.ts';
import type { Links } from './links.ts';

const HOURS = 24;
const CLASSES = ROAD_CLASSES.length;
/** Vehicles of a segment's class that count as much as its own, so that one vehicle does not speak for an hour. */
const PRIOR_VEHICLES = 2;
/** How strongly a class's pace is held to what it was: by the weight of so much of all trips' time. */
const HOLD = 0.003;
/** Trips that took so many times longer or shorter than simulated, after the median: breaks, detours, faults. */
const OUTLIER = 2.5;

/** Mean seconds of all vehicles per segment and hour of the day. */
export class HourlyTimes {
  readonly #network: RoadNetwork;
  readonly #links: Links;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  /** [class][hour] seconds taken and seconds of the empty road. */
  readonly #classTaken = new Float64Array(CLASSES * HOURS);
  readonly #classFree = new Float64Array(CLASSES * HOURS);

  constructor(network: RoadNetwork, links: Links) {
    this.#network = network;
    this.#links = links;
    this.#sums = new Float64Array(network.segmentCount * HOURS);
    this.#counts = new Float64Array(network.segmentCount * HOURS);
  }

  readonly observe = (segment: number, enterS: number, leaveS: number): void => {
    const hour = Math.floor(secondOfDay(enterS) / 3600);
    const at = this.#network.roadClass[segment] * HOURS + hour;
    this.#sums[segment * HOURS + hour] += leaveS - enterS;
    this.#counts[segment * HOURS + hour]++;
    this.#classTaken[at] += leaveS - enterS;
    this.#classFree[at] += this.freeS(segment);
  };

  /** Seconds of driving on the empty road, without any wait. */
  movingS(segment: number): number {
    return this.#network.lengthM[segment] / this.#links.freeSpeedMs[segment];
  }

  freeS(segment: number): number {
    return this.movingS(segment) + this.#links.controlDelayS[segment];
  }

  /** Where few or none drove, by what its class lost in that hour. */
  seconds(segment: number, clockS: number): number {
    const hour = Math.floor(secondOfDay(clockS) / 3600);
    const at = this.#network.roadClass[segment] * HOURS + hour;
    const usual = this.#classFree[at] > 0 ? this.#classTaken[at] / this.#classFree[at] : 1;
    const own = segment * HOURS + hour;
    const priorS = PRIOR_VEHICLES * usual * this.freeS(segment);
    return (this.#sums[own] + priorS) / (this.#counts[own] + PRIOR_VEHICLES);
  }
}

export interface HourSpeed {
  hour: number;
  trips: number;
  observedKmh: number;
  simulatedKmh: number;
}

/** How well simulated times fit those of trips, each driven on its own way at its own time. */
export interface TripFit {
  trips: number;
  /** Mean absolute error of a trip's time, as a share of it. */
  mape: number;
  /** Root mean square over hours, weighted by trips, of the relative error of the speed. */
  speedError: number;
  byHour: HourSpeed[];
  /** ln(observed ÷ simulated seconds): over all trips, and in rush hours beyond other hours. */
  bias: number;
  rushBias: number;
  /** By class: seconds of driving that the trips need for each simulated one; 1 for classes that they hardly use. */
  paceFactors: number[];
}

/**
 * Compares trips with simulated times, and finds by which factors the moving parts of their times would have to change, by class: ridge
 * regression of what is left after waits on the moving seconds per class, weighted by 1 ÷ simulated time², outliers left out.
 */
export function fitTrips(
  network: RoadNetwork,
  times: HourlyTimes,
  trips: TripSet,
  positions: ArrayLike<number>,
): TripFit {
  const count = positions.length;
  const moving = new Float64Array(count * CLASSES);
  const simulatedS = new Float64Array(count);
  const km = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const trip = positions[i];
    let clockS = trips.localDepartS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
      const segment = trips.segments[k];
      const seconds = times.seconds(segment, clockS);
      moving[i * CLASSES + network.roadClass[segment]] += times.movingS(segment);
      simulatedS[i] += seconds;
      km[i] += network.lengthM[segment] / 1000;
      clockS += seconds;
    }
  }
  const observedS = Float64Array.from(positions, (trip) => trips.totalS[trip]);
  const ratios = observedS.map((seconds, i) => Math.log(seconds / simulatedS[i]));
  const middle = ratios.slice().sort()[count >> 1];
  const kept = [...ratios.keys()].filter((i) => Math.abs(ratios[i] - middle) < Math.log(OUTLIER));
  const isRush = (i: number) => {
    const hour = secondOfDay(trips.localDepartS[positions[i]]) / 3600;
    return (hour >= 7.5 && hour < 9.5) || (hour >= 17 && hour < 19.5);
  };
  const byHour = speedsByHour(kept, km, observedS, simulatedS, (i) =>
    Math.floor(secondOfDay(trips.localDepartS[positions[i]]) / 3600),
  );
  const bias = logRatio(kept, observedS, simulatedS);
  const calm = kept.filter((i) => !isRush(i));
  return {
    trips: kept.length,
    mape: kept.reduce((sum, i) => sum + Math.abs(simulatedS[i] / observedS[i] - 1), 0) / kept.length,
    speedError: relativeError(byHour),
    byHour,
    bias,
    rushBias: logRatio(kept.filter(isRush), observedS, simulatedS) - logRatio(calm, observedS, simulatedS),
    paceFactors: pacesByClass(kept, moving, observedS, simulatedS),
  };
}

function logRatio(chosen: readonly number[], observedS: Float64Array, simulatedS: Float64Array): number {
  const sum = (of: Float64Array) => chosen.reduce((total, i) => total + of[i], 0);
  return chosen.length === 0 ? 0 : Math.log(sum(observedS) / sum(simulatedS));
}

function speedsByHour(
  kept: readonly number[],
  km: Float64Array,
  observedS: Float64Array,
  simulatedS: Float64Array,
  hourOf: (i: number) => number,
): HourSpeed[] {
  const sums = Array.from({ length: HOURS }, () => ({ trips: 0, km: 0, observedS: 0, simulatedS: 0 }));
  for (const i of kept) {
    const of = sums[hourOf(i)];
    of.trips++;
    of.km += km[i];
    of.observedS += observedS[i];
    of.simulatedS += simulatedS[i];
  }
  return sums.flatMap((of, hour) => {
    if (of.trips === 0) return [];
    const observedKmh = (3600 * of.km) / of.observedS;
    return [{ hour, trips: of.trips, observedKmh, simulatedKmh: (3600 * of.km) / of.simulatedS }];
  });
}

function relativeError(byHour: readonly HourSpeed[]): number {
  const trips = byHour.reduce((sum, hour) => sum + hour.trips, 0);
  const squares = byHour.reduce(
    (sum, hour) => sum + hour.trips * (hour.simulatedKmh / hour.observedKmh - 1) ** 2,
    0,
  );
  return Math.sqrt(squares / trips);
}

function pacesByClass(
  kept: readonly number[],
  moving: Float64Array,
  observedS: Float64Array,
  simulatedS: Float64Array,
): number[] {
  const normal = new Float64Array(CLASSES * CLASSES);
  const right = new Float64Array(CLASSES);
  for (const i of kept) {
    const row = moving.subarray(i * CLASSES, (i + 1) * CLASSES);
    // Relative errors, but not by what was observed: quick trips would count for more than slow ones, and speeds come out too high.
    const weight = 1 / simulatedS[i] ** 2;
    // What the trip took beyond the simulated time, to be explained by changes of the moving parts.
    const beyondS = observedS[i] - simulatedS[i];
    for (let a = 0; a < CLASSES; a++) {
      right[a] += weight * row[a] * beyondS;
      for (let b = 0; b < CLASSES; b++) normal[a * CLASSES + b] += weight * row[a] * row[b];
    }
  }
  for (let a = 0; a < CLASSES; a++) normal[a * CLASSES + a] += HOLD * kept.length;
  return Array.from(choleskySolve(normal, right), (change) => 1 + change);
}
