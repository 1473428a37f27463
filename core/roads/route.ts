import FlatQueue from 'flatqueue';
import { EtalonError } from '../base/index.ts';
import { lineLengthM } from './geometry.ts';
import type { RoadNetwork } from './network.ts';

/**
 * What driving costs. Both must be first in, first out: who enters later never leaves earlier. A cost that is not
 * finite closes the segment or turn.
 */
export interface RouteCosts {
  /** Seconds from the start to the end of a segment, entered at `clockS` on the same clock as the departure. */
  traversalS(segment: number, clockS: number): number;
  /** Seconds that a turn takes on top, begun at `clockS`. */
  turnS(turn: number, clockS: number): number;
  /** No segment is ever driven faster than this over its `lengthM`: what the search may hope for. */
  fastestKmh: number;
}

/** A place on a segment: 0 at its start, 1 at its end. */
export interface RoutePlace {
  segment: number;
  fraction: number;
}

export interface RouteRequest {
  /** Where the drive may begin and end: the directions of a road, say. The quickest pair is taken. */
  from: readonly RoutePlace[];
  to: readonly RoutePlace[];
  departS: number;
}

export interface Route {
  /** In driving order. */
  segments: number[];
  /** Between each segment and the next. */
  turns: number[];
  /** The clock at which each segment is entered; of the first, at which the drive begins on it. */
  enterS: number[];
  arriveS: number;
  durationS: number;
  /** Driven metres, of the first and last segment the part that is driven. */
  lengthM: number;
  startFraction: number;
  endFraction: number;
}

export interface AlternativeOptions {
  /** How many routes besides the quickest one. */
  count: number;
  /** Largest share of a route's length that it may have in common with any one before it. */
  maxOverlap?: number;
  /** Largest duration, as a multiple of the quickest one's. */
  maxDetour?: number;
}

/** The segments of routes found so far cost this much more in the next search. */
const PENALTY = 1.4;
const SEARCHES_PER_ALTERNATIVE = 5;
/** Guards the lower bound against rounding of lengths to 32 bits. */
const SLACK = 1.0001;

const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.0066943799901413165;

/** Finds the quickest ways through a network whose speeds and turn delays change with the time of day. */
export class Router {
  readonly #network: RoadNetwork;
  /** [3 · J] the junctions in space, metres: straight distances there are never longer than any way. */
  readonly #positions: Float64Array;
  /** Most metres of drawn line per metre of stated length: a source may state less than it draws. */
  readonly #drawnPerStated: number;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#positions = new Float64Array(3 * network.junctionCount);
    for (let j = 0; j < network.junctionCount; j++)
      this.#positions.set(
        inSpace(network.junctionCoordinates[2 * j], network.junctionCoordinates[2 * j + 1]),
        3 * j,
      );
    this.#drawnPerStated = drawnPerStated(network, this.#positions);
  }

  /**
   * The route that arrives first: label-setting A* on segments, on the clock at which each is entered (Hart, Nilsson
   * & Raphael 1968; with first-in-first-out costs the static argument carries over, Dreyfus 1969). Throws
   * `not-found` when no way leads there.
   */
  quickest(request: RouteRequest, costs: RouteCosts): Route {
    const { turnOffsets, turnTo, segmentCount } = this.#network;
    const remainingS = this.#lowerBound(request.to, costs.fastestKmh);
    const enterS = new Float64Array(segmentCount).fill(Infinity);
    // The turn by which a segment is entered, and which of the places to begin at that turn leaves, else −1.
    const enteredBy = new Int32Array(segmentCount).fill(-1);
    const beganAt = new Int32Array(segmentCount).fill(-1);
    const settled = new Uint8Array(segmentCount);
    const isEnd = new Uint8Array(segmentCount);
    for (const { segment } of request.to) isEnd[segment] = 1;
    const queue = new FlatQueue<number>();
    const goal = new Goal();

    const leave = (segment: number, clockS: number, began: number) => {
      for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) {
        const next = turnTo[turn];
        if (settled[next]) continue;
        const atS = clockS + costs.turnS(turn, clockS);
        if (!(atS < enterS[next])) continue;
        enterS[next] = atS;
        enteredBy[next] = turn;
        beganAt[next] = began;
        queue.push(next, atS + remainingS(next));
      }
    };

    request.from.forEach(({ segment, fraction }, began) => {
      const wholeS = costs.traversalS(segment, request.departS);
      request.to.forEach((place, end) => {
        if (place.segment === segment && place.fraction >= fraction)
          goal.offer(request.departS + (place.fraction - fraction) * wholeS, end, began);
      });
      leave(segment, request.departS + (1 - fraction) * wholeS, began);
    });

    for (let segment = queue.pop(); segment !== undefined; segment = queue.pop()) {
      if (settled[segment]) continue;
      const clockS = enterS[segment];
      if (clockS + remainingS(segment) >= goal.arriveS) break;
      settled[segment] = 1;
      const wholeS = costs.traversalS(segment, clockS);
      if (isEnd[segment])
        request.to.forEach((place, end) => {
          if (place.segment === segment) goal.offer(clockS + place.fraction * wholeS, end, -1);
        });
      leave(segment, clockS + wholeS, -1);
    }
    if (goal.arriveS === Infinity) throw unreachable();
    return this.#trace(request, goal, enteredBy, beganAt, costs);
  }

  /**
   * The quickest route, then others worth a look, by the penalty method (Bader, Dees, Geisberger & Sanders 2011,
   * "Alternative Route Graphs in Road Networks", §4): what was found becomes dearer, and the search is repeated.
   * Routes that have too much in common with one before, or take too long, are left out.
   */
  alternatives(
    request: RouteRequest,
    costs: RouteCosts,
    { count, maxOverlap = 0.7, maxDetour = 1.4 }: AlternativeOptions,
  ): Route[] {
    const routes = [this.quickest(request, costs)];
    const [best] = routes;
    const uses = new Map<number, number>();
    const penalized: RouteCosts = {
      fastestKmh: costs.fastestKmh,
      traversalS: (segment, clockS) =>
        costs.traversalS(segment, clockS) * PENALTY ** (uses.get(segment) ?? 0),
      turnS: (turn, clockS) => costs.turnS(turn, clockS),
    };
    let last = best;
    for (let search = 0; search < count * SEARCHES_PER_ALTERNATIVE && routes.length <= count; search++) {
      for (const segment of last.segments) uses.set(segment, (uses.get(segment) ?? 0) + 1);
      last = this.quickest(request, penalized);
      const route = this.follow(last, request.departS, costs);
      const isShort = route.durationS <= maxDetour * best.durationS;
      if (isShort && routes.every((other) => this.#overlap(route, other) <= maxOverlap)) routes.push(route);
    }
    return routes;
  }

  /** Drives a known way at another time or other costs. The clock runs as in {@link quickest}. */
  follow(
    way: Pick<Route, 'segments' | 'turns' | 'startFraction' | 'endFraction'>,
    departS: number,
    costs: RouteCosts,
  ): Route {
    const { segments, turns, startFraction, endFraction } = way;
    const enterS: number[] = [];
    let clockS = departS;
    let lengthM = 0;
    segments.forEach((segment, i) => {
      if (i > 0) clockS += costs.turnS(turns[i - 1], clockS);
      enterS.push(clockS);
      const share = drivenShare(way, i);
      clockS += share * costs.traversalS(segment, clockS);
      lengthM += share * this.#network.lengthM[segment];
    });
    return {
      segments,
      turns,
      enterS,
      arriveS: clockS,
      durationS: clockS - departS,
      lengthM,
      startFraction,
      endFraction,
    };
  }

  /** Seconds that a drive from a segment's start takes at least: the straight way at the fastest speed. */
  #lowerBound(to: readonly RoutePlace[], fastestKmh: number): (segment: number) => number {
    const goals = to.map((place) => inSpace(...this.#pointOf(place)));
    const secondsPerM = 3.6 / (fastestKmh * this.#drawnPerStated * SLACK);
    const { fromJunction } = this.#network;
    const positions = this.#positions;
    const bounds = new Float64Array(this.#network.segmentCount).fill(-1);
    return (segment) => {
      if (bounds[segment] < 0) {
        const at = 3 * fromJunction[segment];
        let nearest = Infinity;
        for (const [x, y, z] of goals) {
          const [dx, dy, dz] = [positions[at] - x, positions[at + 1] - y, positions[at + 2] - z];
          nearest = Math.min(nearest, dx * dx + dy * dy + dz * dz);
        }
        bounds[segment] = Math.sqrt(nearest) * secondsPerM;
      }
      return bounds[segment];
    };
  }

  #pointOf({ segment, fraction }: RoutePlace): [number, number] {
    const { geometryOffsets, coordinates } = this.#network;
    const begin = geometryOffsets[segment];
    const end = geometryOffsets[segment + 1];
    let remainingM = fraction * lineLengthM(coordinates, begin, end);
    for (let p = begin; p < end - 1; p++) {
      const pieceM = lineLengthM(coordinates, p, p + 2);
      if (pieceM >= remainingM && pieceM > 0) {
        const share = remainingM / pieceM;
        const [lonA, latA, lonB, latB] = coordinates.subarray(2 * p, 2 * p + 4);
        return [lonA + share * (lonB - lonA), latA + share * (latB - latA)];
      }
      remainingM -= pieceM;
    }
    return [coordinates[2 * end - 2], coordinates[2 * end - 1]];
  }

  #trace(
    request: RouteRequest,
    goal: Goal,
    enteredBy: Int32Array,
    beganAt: Int32Array,
    costs: RouteCosts,
  ): Route {
    const { turnFrom } = this.#network;
    const end = request.to[goal.end];
    const segments = [end.segment];
    const turns: number[] = [];
    let began = goal.began;
    let segment = end.segment;
    while (began < 0) {
      const turn = enteredBy[segment];
      began = beganAt[segment];
      segment = turnFrom[turn];
      turns.push(turn);
      segments.push(segment);
    }
    const way = {
      segments: segments.reverse(),
      turns: turns.reverse(),
      startFraction: request.from[began].fraction,
      endFraction: end.fraction,
    };
    return this.follow(way, request.departS, costs);
  }

  /** Share of a route's length that lies on another's segments. */
  #overlap(route: Route, other: Route): number {
    const others = new Set(other.segments);
    const shared = route.segments.reduce(
      (sum, segment, i) =>
        others.has(segment) ? sum + drivenShare(route, i) * this.#network.lengthM[segment] : sum,
      0,
    );
    return route.lengthM > 0 ? shared / route.lengthM : 1;
  }
}

/** The earliest arrival found so far. */
class Goal {
  arriveS = Infinity;
  /** Which of the places to end at. */
  end = -1;
  /** Which of the places to begin at, where the end lies ahead on the same segment; else −1. */
  began = -1;

  offer(arriveS: number, end: number, began: number): void {
    if (!(arriveS < this.arriveS)) return;
    this.arriveS = arriveS;
    this.end = end;
    this.began = began;
  }
}

function drivenShare(way: Pick<Route, 'segments' | 'startFraction' | 'endFraction'>, i: number): number {
  const until = i === way.segments.length - 1 ? way.endFraction : 1;
  return until - (i === 0 ? way.startFraction : 0);
}

/** Metres from the centre of the WGS 84 ellipsoid. */
function inSpace(lon: number, lat: number): [number, number, number] {
  const [lambda, phi] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180];
  const primeVerticalM = SEMI_MAJOR_M / Math.sqrt(1 - ECCENTRICITY_2 * Math.sin(phi) ** 2);
  return [
    primeVerticalM * Math.cos(phi) * Math.cos(lambda),
    primeVerticalM * Math.cos(phi) * Math.sin(lambda),
    primeVerticalM * (1 - ECCENTRICITY_2) * Math.sin(phi),
  ];
}

function drawnPerStated(network: RoadNetwork, positions: Float64Array): number {
  const { segmentCount, coordinates, geometryOffsets, lengthM, fromJunction, toJunction } = network;
  let most = 1;
  for (let s = 0; s < segmentCount; s++) {
    const drawnM = lineLengthM(coordinates, geometryOffsets[s], geometryOffsets[s + 1]);
    const [a, b] = [3 * fromJunction[s], 3 * toJunction[s]];
    const straightM = Math.hypot(
      positions[a] - positions[b],
      positions[a + 1] - positions[b + 1],
      positions[a + 2] - positions[b + 2],
    );
    const longestM = Math.max(drawnM, straightM);
    if (longestM > 0) most = Math.max(most, longestM / lengthM[s]);
  }
  return most;
}

function unreachable(): EtalonError {
  return new EtalonError('not-found', 'No way leads from the start to the destination.', {
    remedy: 'Choose points on roads that are connected; one-way streets and turn restrictions count.',
  });
}
