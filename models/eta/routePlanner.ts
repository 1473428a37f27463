import type { ApiRouteAnswer } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import {
  freeFlowS,
  type HistoricalProfile,
  type Route,
  type RouteCosts,
  type RoutePlace,
  Router,
  SegmentIndex,
} from '@etalon/core/roads';
import type { TripPrediction } from './calibration.ts';
import type { PlannerTraffic } from './scenarioTraffic.ts';

/** Speeds are predicted afresh for each step of this length along the clock. */
const STEP_S = 900;
/** A drive longer than this is searched with the speeds of its last step. */
const STEPS = 6;
const ALTERNATIVES = 2;
/** A point further from any road than this is no start or end. */
const SNAP_M = 1000;
/** Both directions of a road are this close to a point when either is. */
const SAME_ROAD_M = 5;

interface PredictedRoute {
  route: Route;
  prediction: TripPrediction;
  /** Seconds of each driven part, in driving order. */
  partS: Float32Array;
}

/** Finds the way that is quickest on predicted times, then asks the model about that way as a whole. */
export class RoutePlanner {
  readonly #traffic: PlannerTraffic;
  readonly #history: HistoricalProfile;
  readonly #index: SegmentIndex;
  readonly #router: Router;

  constructor(traffic: PlannerTraffic, history: HistoricalProfile) {
    this.#traffic = traffic;
    this.#history = history;
    this.#index = SegmentIndex.build(traffic.network);
    this.#router = new Router(traffic.network);
  }

  /** Throws `input` for a point far from every road, `not-found` when no way leads there. */
  async route(from: [number, number], to: [number, number], localDepartS: number): Promise<ApiRouteAnswer> {
    const start = this.#snap(from, 'start');
    const end = this.#snap(to, 'end');
    const costs = await this.#costs(localDepartS);
    const request = { from: start.places, to: end.places, departS: localDepartS };
    const routes = this.#router.alternatives(request, costs, { count: ALTERNATIVES });
    const predicted: PredictedRoute[] = [];
    for (const route of routes) predicted.push(await this.#predict(route, localDepartS));
    const [best, ...others] = predicted.sort((a, b) => a.prediction.seconds - b.prediction.seconds);
    return this.#answer(best, others, localDepartS, [start.distanceM, end.distanceM]);
  }

  #snap(point: [number, number], which: 'start' | 'end'): { places: RoutePlace[]; distanceM: number } {
    const snaps = this.#index.nearest(point, { maxM: SNAP_M, limit: 4 });
    if (snaps.length === 0)
      throw new EtalonError(
        'input',
        `The ${which} ${point[1].toFixed(5)}, ${point[0].toFixed(5)} is over ${SNAP_M} m from any road.`,
        { remedy: 'Choose a point on the map of this project; the command line takes latitude,longitude.' },
      );
    const [{ distanceM }] = snaps;
    return { places: snaps.filter((snap) => snap.distanceM <= distanceM + SAME_ROAD_M), distanceM };
  }

  /** Costs of the search: predicted seconds by step of the clock, and what a turn costs beyond the one predicted with. */
  async #costs(localDepartS: number): Promise<RouteCosts> {
    const { network, trained, coverNext } = this.#traffic;
    const steps: Float32Array[] = [];
    for (let step = 0; step < STEPS; step++)
      steps.push(await this.#traffic.segmentSeconds(localDepartS + step * STEP_S));
    let fastestKmh = 1;
    for (const seconds of steps)
      for (let s = 0; s < seconds.length; s++)
        fastestKmh = Math.max(fastestKmh, (3.6 * network.lengthM[s]) / seconds[s]);
    const model = trained.models.full;
    return {
      fastestKmh,
      traversalS: (segment, clockS) => {
        // Between two steps the seconds change evenly: a jump down would let a later start arrive earlier.
        const at = Math.min(Math.max(0, (clockS - localDepartS) / STEP_S), STEPS - 1);
        const step = Math.min(Math.floor(at), STEPS - 2);
        const before = steps[step][segment];
        return before + (at - step) * (steps[step + 1][segment] - before);
      },
      turnS: (turn) => {
        const segment = network.turnFrom[turn];
        const known = model.endDelayS(segment, coverNext[segment]);
        return Math.max(0, model.endDelayS(segment, network.turnTo[turn]) - known);
      },
    };
  }

  async #predict(route: Route, localDepartS: number): Promise<PredictedRoute> {
    const { trips, traversalS } = await this.#traffic.paths([route.segments], localDepartS);
    const [whole] = trips;
    const partS = traversalS.map((seconds, i) => seconds * drivenShare(route, i));
    const undrivenS = sum(traversalS) - sum(partS);
    const share = Math.max(0.05, (whole.seconds - undrivenS) / whole.seconds);
    const prediction = {
      seconds: whole.seconds * share,
      lowS: whole.lowS * share,
      highS: whole.highS * share,
    };
    // What the model expects of a trip besides its segments is spread over them, so that the parts add up.
    const scale = prediction.seconds / sum(partS);
    return { route, prediction, partS: partS.map((seconds) => seconds * scale) };
  }

  #answer(
    best: PredictedRoute,
    others: PredictedRoute[],
    localDepartS: number,
    snapM: [number, number],
  ): ApiRouteAnswer {
    const { route, prediction } = best;
    const profile = this.#profile(best);
    return {
      segments: route.segments,
      coordinates: this.#line(route),
      distanceM: route.lengthM,
      depart: localTime(localDepartS),
      etaS: prediction.seconds,
      lowS: prediction.lowS,
      highS: prediction.highS,
      arrive: localTime(localDepartS + prediction.seconds),
      freeFlowS: profile.at(-1)?.freeFlowS ?? 0,
      historicalS: this.#historical(route, localDepartS),
      profile,
      stretches: this.#stretches(best),
      alternatives: others.map((other) => ({
        coordinates: this.#line(other.route),
        distanceM: other.route.lengthM,
        etaS: other.prediction.seconds,
        lowS: other.prediction.lowS,
        highS: other.prediction.highS,
        via: this.#via(other.route, route),
      })),
      snapM,
    };
  }

  /** Distance and clock at the end of each part. The band widens with the time driven, as the whole route's does. */
  #profile({ route, prediction, partS }: PredictedRoute): ApiRouteAnswer['profile'] {
    const { network } = this.#traffic;
    let distanceM = 0;
    let elapsedS = 0;
    let freeS = 0;
    return route.segments.map((segment, i) => {
      const share = drivenShare(route, i);
      distanceM += network.lengthM[segment] * share;
      elapsedS += partS[i];
      const segmentFreeS = freeFlowS(network, segment) * share;
      freeS += segmentFreeS;
      return {
        segment,
        distanceM,
        elapsedS,
        lowS: (elapsedS * prediction.lowS) / prediction.seconds,
        highS: (elapsedS * prediction.highS) / prediction.seconds,
        freeFlowS: freeS,
        ratio: segmentFreeS / Math.max(partS[i], 1e-3),
      };
    });
  }

  #stretches({ route, partS }: PredictedRoute): ApiRouteAnswer['stretches'] {
    const { network } = this.#traffic;
    const stretches: { name: string; lengthM: number; timeS: number; freeS: number }[] = [];
    route.segments.forEach((segment, i) => {
      const name = network.names[network.nameIndex[segment]];
      const share = drivenShare(route, i);
      const last = stretches.at(-1);
      const stretch = last?.name === name ? last : { name, lengthM: 0, timeS: 0, freeS: 0 };
      if (stretch !== last) stretches.push(stretch);
      stretch.lengthM += network.lengthM[segment] * share;
      stretch.timeS += partS[i];
      stretch.freeS += freeFlowS(network, segment) * share;
    });
    return stretches
      .map(({ name, lengthM, timeS, freeS }) => ({
        name,
        lengthM,
        timeS,
        delayS: timeS - freeS,
        ratio: freeS / Math.max(timeS, 1e-3),
      }))
      .sort((a, b) => b.delayS - a.delayS);
  }

  #historical(route: Route, localDepartS: number): number {
    let clockS = localDepartS;
    route.segments.forEach((segment, i) => {
      clockS += this.#history.segmentS(segment, clockS) * drivenShare(route, i);
    });
    return clockS - localDepartS;
  }

  /** The longest named road that the other route does not take. */
  #via(route: Route, other: Route): string {
    const { network } = this.#traffic;
    const taken = new Set(other.segments);
    const metres = new Map<string, number>();
    for (const segment of route.segments) {
      const name = network.names[network.nameIndex[segment]];
      if (name && !taken.has(segment)) metres.set(name, (metres.get(name) ?? 0) + network.lengthM[segment]);
    }
    return [...metres].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  }

  #line(route: Route): [number, number][] {
    const { geometryOffsets, coordinates } = this.#traffic.network;
    const line: [number, number][] = [];
    route.segments.forEach((segment, i) => {
      const points: [number, number][] = [];
      for (let p = geometryOffsets[segment]; p < geometryOffsets[segment + 1]; p++)
        points.push([coordinates[2 * p], coordinates[2 * p + 1]]);
      const begin = i === 0 ? route.startFraction : 0;
      const end = i === route.segments.length - 1 ? route.endFraction : 1;
      const driven = partOfLine(points, begin, end);
      line.push(...(i === 0 ? driven : driven.slice(1)));
    });
    return line;
  }
}

/** Share of the i-th segment of a route that is driven: all of it, but at the route's ends. */
function drivenShare(route: Route, i: number): number {
  const begin = i === 0 ? route.startFraction : 0;
  const end = i === route.segments.length - 1 ? route.endFraction : 1;
  return end - begin;
}

/** The part of a line between two shares of its length. */
function partOfLine(points: [number, number][], begin: number, end: number): [number, number][] {
  if (begin <= 0 && end >= 1) return points;
  const eastScale = Math.cos((points[0][1] * Math.PI) / 180);
  const along = [0];
  for (let i = 1; i < points.length; i++) {
    const [lon, lat] = points[i];
    const [beforeLon, beforeLat] = points[i - 1];
    along.push(along[i - 1] + Math.hypot((lon - beforeLon) * eastScale, lat - beforeLat));
  }
  const length = along[along.length - 1];
  const at = (share: number): [number, number] => {
    const target = share * length;
    const i = Math.max(
      1,
      along.findIndex((value) => value >= target),
    );
    const t = (target - along[i - 1]) / Math.max(along[i] - along[i - 1], 1e-12);
    const [a, b] = [points[i - 1], points[i]];
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  };
  const inner = points.filter((_, i) => along[i] > begin * length && along[i] < end * length);
  return [at(begin), ...inner, at(end)];
}

/** A wall-clock time as `YYYY-MM-DDTHH:MM:SS`. */
function localTime(localS: number): string {
  return new Date(Math.round(localS) * 1000).toISOString().slice(0, 19);
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
