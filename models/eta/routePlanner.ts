import type { ApiRouteAnswer } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import {
  CLOCK_STEP_S,
  drivenShare,
  findTurn,
  freeFlowS,
  type HistoricalProfile,
  LONGEST_DRIVE_S,
  RoadPlaces,
  type Route,
  type RouteCosts,
  type RoutePlace,
  type RouteRequest,
  Router,
  SegmentModelCosts,
  stepBeginning,
  type Way,
  wayLine,
} from '@etalon/core/roads';
import type { TripPrediction } from './calibration.ts';
import { drivenParts } from './drivenParts.ts';
import { ANSWERED_SHARE, leavingTimes } from './leavingTimes.ts';
import type { PlannerTraffic } from './scenarioTraffic.ts';

type Point = [number, number];

const ALTERNATIVES = 2;
/** How often a search may be repeated because the model was not asked about a segment of its way yet. */
const ROUNDS = 8;
/** Speeds are predicted for a drive of so many times what the segment model expects; a longer one goes on at the last. */
const LONGER = 1.5;
/** Steps of the clock whose predictions are kept. */
const KEPT_STEPS = 48;

interface PredictedRoute<W extends Way = Route> {
  route: W;
  prediction: TripPrediction;
  /** Seconds of each driven part, in driving order. */
  partS: Float32Array;
}

/** Finds the way that is quickest on predicted times, then asks the model about that way as a whole. */
export class RoutePlanner {
  readonly #traffic: PlannerTraffic;
  readonly #history: HistoricalProfile;
  readonly #places: RoadPlaces;
  readonly #router: Router;
  /** What the segment model expects: cheap, and known for every segment at every time. */
  readonly #expected: SegmentModelCosts;
  /** [S] predicted seconds by step of the clock, the last used last; NaN where the model was not asked yet. */
  readonly #predictedS = new Map<number, Float32Array>();

  constructor(traffic: PlannerTraffic, history: HistoricalProfile) {
    this.#traffic = traffic;
    this.#history = history;
    this.#places = new RoadPlaces(traffic.network);
    this.#router = new Router(traffic.network);
    this.#expected = new SegmentModelCosts(traffic.trained.models.full, traffic.coverNext);
    // Prepares the landmarks now, while the model is being opened, and not at the first question.
    this.#expected.between(0, 0);
  }

  /** Throws `input` for a point far from every road, `not-found` when no way leads there. */
  async route(from: Point, to: Point, localDepartS: number): Promise<ApiRouteAnswer> {
    const ends = this.#snap(from, to);
    const predicted = await this.#routes({ ...ends, departS: localDepartS });
    return this.#answer(predicted, localDepartS, ends.snapM);
  }

  /**
   * The route to take for an arrival by `localArriveS`, and when to leave for it to be on time with each of several
   * probabilities; the answer's own departure is that of {@link ANSWERED_SHARE}.
   */
  async arriveBy(from: Point, to: Point, localArriveS: number): Promise<ApiRouteAnswer> {
    const ends = this.#snap(from, to);
    const costs = await this.#costsBetween(ends, localArriveS, 'arrive');
    const { departS } = this.#router.latest({ ...ends, arriveS: localArriveS }, costs);
    const [best, ...others] = await this.#routes({ ...ends, departS });
    const leaving = await leavingTimes(
      async (localDepartS) => (await this.#predict(best.route, localDepartS)).prediction,
      localArriveS,
      departS,
    );
    const answered = leaving.find(({ share }) => share === ANSWERED_SHARE)!.localDepartS;
    const then: PredictedRoute[] = [];
    for (const { route } of [best, ...others]) then.push(await this.#predict(route, answered));
    return {
      ...this.#answer(then, answered, ends.snapM),
      arriveBy: {
        time: localTime(localArriveS),
        leaving: leaving.map(({ share, localDepartS }) => ({ share, depart: localTime(localDepartS) })),
      },
    };
  }

  /** What driving costs between two local times, everywhere. */
  async costs(fromS: number, untilS: number): Promise<RouteCosts> {
    const firstS = stepBeginning(fromS);
    const steps: Float32Array[] = [];
    for (let atS = firstS; atS < untilS + CLOCK_STEP_S; atS += CLOCK_STEP_S)
      steps.push(await this.#secondsAt(atS));
    return this.#expected.costsOf(firstS, steps);
  }

  /** The way that {@link route} answers. */
  async trip(request: RouteRequest): Promise<TripPrediction & { lengthM: number }> {
    const [{ route, prediction }] = await this.#routes(request);
    return { ...prediction, lengthM: route.lengthM };
  }

  async way(way: Way, localDepartS: number): Promise<TripPrediction> {
    return (await this.#predict(way, localDepartS)).prediction;
  }

  /** The way along known segments from near one point to near another. Throws `input` where they do not lead there. */
  wayOf(segments: readonly number[], from: Point, to: Point): Way {
    const ends = this.#snap(from, to);
    const start = ends.from.find(({ segment }) => segment === segments[0]);
    const end = ends.to.find(({ segment }) => segment === segments.at(-1));
    if (!start || !end)
      throw new EtalonError('input', 'The segments are no way between the two points.', {
        remedy: 'Give the segments and points of a route as it was answered.',
      });
    return {
      segments: [...segments],
      turns: segments.slice(1).map((segment, i) => findTurn(this.#traffic.network, segments[i], segment)),
      startFraction: start.fraction,
      endFraction: end.fraction,
    };
  }

  #snap(from: Point, to: Point): { from: RoutePlace[]; to: RoutePlace[]; snapM: [number, number] } {
    const start = this.#places.near(from, 'start');
    const end = this.#places.near(to, 'end');
    return { from: start.places, to: end.places, snapM: [start.distanceM, end.distanceM] };
  }

  /** The quickest ways at a departure, by the model's word on each as a whole. */
  async #routes(request: RouteRequest): Promise<PredictedRoute<Route>[]> {
    const costs = await this.#costsBetween(request, request.departS, 'depart');
    const routes = this.#router.alternatives(request, costs, { count: ALTERNATIVES });
    const predicted: PredictedRoute<Route>[] = [];
    for (const route of routes) predicted.push(await this.#predict(route, request.departS));
    return predicted.sort((a, b) => a.prediction.seconds - b.prediction.seconds);
  }

  /**
   * Costs of a search from A to B, after Dellin & Srinivasa 2016, "A Unifying Formalism for Shortest Path Problems with
   * Expensive Edge Evaluations" (LazySP): the model is asked about the segments of the best way alone, then about those of the
   * way that is best with these answers, until it has been asked about all of that one. Segments that it was not asked about take
   * what the segment model expects, times what the model says of the others on average. To ask about a whole network would
   * take seconds.
   */
  async #costsBetween(
    { from, to }: Pick<RouteRequest, 'from' | 'to'>,
    clockS: number,
    which: 'depart' | 'arrive',
  ): Promise<RouteCosts> {
    const departs = which === 'depart';
    const search = (costs: RouteCosts) =>
      departs
        ? this.#router.quickest({ from, to, departS: clockS }, costs)
        : this.#router.latest({ from, to, arriveS: clockS }, costs);
    const expected = this.#expected.between(
      departs ? clockS : clockS - LONGEST_DRIVE_S,
      departs ? clockS + LONGEST_DRIVE_S : clockS,
    );
    const first = search(expected);
    const longestS = LONGER * first.durationS;
    const departS = departs ? clockS : clockS - longestS;
    const asked = new Set(first.segments);
    for (let round = 0; ; round++) {
      const costs = await this.#mixedCosts(departS, departS + longestS, asked);
      if (round === ROUNDS) return costs;
      const before = asked.size;
      for (const segment of search(costs).segments) asked.add(segment);
      if (asked.size === before) return costs;
    }
  }

  /** The model's seconds for some segments, and for all others what the segment model expects in their proportion. */
  async #mixedCosts(fromS: number, untilS: number, asked: ReadonlySet<number>): Promise<RouteCosts> {
    const firstS = stepBeginning(fromS);
    const steps: Float32Array[] = [];
    for (let atS = firstS; atS < untilS + CLOCK_STEP_S; atS += CLOCK_STEP_S) {
      const predicted = await this.#secondsAt(atS, asked);
      const expected = this.#expected.secondsAt(atS);
      let [predictedS, expectedS] = [0, 0];
      for (const segment of asked) {
        // What is closed says nothing of the others.
        if (predicted[segment] === Infinity) continue;
        predictedS += predicted[segment];
        expectedS += expected[segment];
      }
      const ratio = expectedS > 0 ? predictedS / expectedS : 1;
      const seconds = expected.map((value, s) => (predicted[s] === Infinity ? Infinity : ratio * value));
      for (const segment of asked) seconds[segment] = predicted[segment];
      steps.push(seconds);
    }
    return this.#expected.costsOf(firstS, steps);
  }

  /** [S] predicted seconds at a step of the clock, of `wanted` at least. What the model has said once is kept. */
  async #secondsAt(stepS: number, wanted?: ReadonlySet<number>): Promise<Float32Array> {
    const kept = this.#predictedS;
    const known = kept.get(stepS) ?? new Float32Array(this.#traffic.network.segmentCount).fill(Number.NaN);
    kept.delete(stepS);
    kept.set(stepS, known);
    if (kept.size > KEPT_STEPS) kept.delete(kept.keys().next().value!);
    const missing = new Set<number>();
    for (const segment of wanted ?? known.keys()) if (Number.isNaN(known[segment])) missing.add(segment);
    if (missing.size === 0) return known;
    const predicted = await this.#traffic.segmentSeconds(stepS, { wanted: missing });
    for (let s = 0; s < known.length; s++) if (!Number.isNaN(predicted[s])) known[s] = predicted[s];
    return known;
  }

  async #predict<W extends Way>(route: W, localDepartS: number): Promise<PredictedRoute<W>> {
    const { trips, traversalS } = await this.#traffic.paths([route.segments], localDepartS);
    const [whole] = trips;
    const { share, partS } = drivenParts(route, whole.seconds, traversalS);
    const prediction = {
      seconds: whole.seconds * share,
      lowS: whole.lowS * share,
      highS: whole.highS * share,
    };
    return { route, prediction, partS };
  }

  #answer(
    [best, ...others]: readonly PredictedRoute[],
    localDepartS: number,
    snapM: [number, number],
  ): ApiRouteAnswer {
    const { route, prediction } = best;
    const profile = this.#profile(best);
    return {
      segments: route.segments,
      coordinates: wayLine(this.#traffic.network, route),
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
        coordinates: wayLine(this.#traffic.network, other.route),
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
}

/** A wall-clock time as `YYYY-MM-DDTHH:MM:SS`. */
function localTime(localS: number): string {
  return new Date(Math.round(localS) * 1000).toISOString().slice(0, 19);
}
