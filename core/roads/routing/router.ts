import { EtalonError } from '../../base/index.ts';
import { type IncomingTurns, incomingTurns } from '../incomingTurns.ts';
import type { RoadNetwork } from '../network.ts';
import { latestBeginning } from './inverse.ts';
import { Labels } from './labels.ts';
import { StraightBound } from './straightBound.ts';
import {
  type AlternativeOptions,
  type ArriveByRequest,
  drivenShare,
  type Route,
  type RouteCosts,
  type RouteRequest,
  type Way,
} from './types.ts';

/** The segments of routes found so far cost this much more in the next search. */
const PENALTY = 1.4;
const SEARCHES_PER_ALTERNATIVE = 5;

/**
 * Finds the quickest ways through a network whose speeds and turn delays change with the time of day. One search at a time:
 * its labels are kept between searches.
 */
export class Router {
  readonly network: RoadNetwork;
  readonly #labels: Labels;
  readonly #straight: StraightBound;
  /** [S] whether a search may end on the segment; all 0 between searches. */
  readonly #isEnd: Uint8Array;
  #incoming: IncomingTurns | undefined;

  constructor(network: RoadNetwork) {
    this.network = network;
    this.#labels = new Labels(network.segmentCount);
    this.#straight = new StraightBound(network);
    this.#isEnd = new Uint8Array(network.segmentCount);
  }

  /**
   * The route that arrives first: label-setting A* on segments, on the clock at which each is entered (Hart, Nilsson
   * & Raphael 1968; with first-in-first-out costs the static argument carries over, Dreyfus 1969). Throws
   * `not-found` when no way leads there.
   */
  quickest(request: RouteRequest, costs: RouteCosts): Route {
    const { from, to, departS } = request;
    const { turnOffsets, turnTo } = this.network;
    const labels = this.#labels;
    const isEnd = this.#isEnd;
    const { queue } = labels;
    const remainingS = this.#hopeTo(request, costs);
    const best: End = { clockS: Infinity, place: -1, other: -1, turn: -1 };

    const offer = (arriveS: number, end: number, began: number) => {
      if (arriveS < best.clockS) Object.assign(best, { clockS: arriveS, place: end, other: began });
    };
    const leave = (segment: number, clockS: number, began: number) => {
      for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) {
        const next = turnTo[turn];
        const known = labels.reached(next);
        if (known && labels.settled(next)) continue;
        const atS = clockS + costs.turnS(turn, clockS);
        if (!(atS < (known ? labels.clockS[next] : Infinity))) continue;
        const throughS = atS + remainingS(next);
        if (throughS === Infinity) continue;
        labels.set(next, atS, turn, began);
        queue.push(next, throughS);
      }
    };

    labels.begin();
    from.forEach(({ segment, fraction }, began) => {
      const wholeS = costs.traversalS(segment, departS);
      to.forEach((place, end) => {
        if (place.segment === segment && place.fraction >= fraction)
          offer(departS + (place.fraction - fraction) * wholeS, end, began);
      });
      leave(segment, departS + (1 - fraction) * wholeS, began);
    });
    for (const { segment } of to) isEnd[segment] = 1;
    try {
      while (queue.length > 0) {
        if (queue.peekValue()! >= best.clockS) break;
        const segment = queue.pop()!;
        if (labels.settled(segment)) continue;
        const clockS = labels.clockS[segment];
        labels.settle(segment);
        const wholeS = costs.traversalS(segment, clockS);
        if (isEnd[segment])
          to.forEach((place, end) => {
            if (place.segment === segment) offer(clockS + place.fraction * wholeS, end, -1);
          });
        leave(segment, clockS + wholeS, -1);
      }
    } finally {
      for (const { segment } of to) isEnd[segment] = 0;
    }
    if (best.place < 0) throw unreachable();
    return this.follow(this.#wayTo(request, best), departS, costs);
  }

  /**
   * The route that leaves last and still arrives by a time: the same search backward, on the latest clock at which each
   * segment may be entered. What leads to a segment is inverted where it is met (`latestBeginning`), which first in,
   * first out makes possible (Daganzo 2002, "Reversibility of the Time-Dependent Shortest Path Problem"); the whole way's
   * departure is found once more at the end, so that small errors do not add up. Throws `not-found` when no way leads
   * there.
   */
  latest(request: ArriveByRequest, costs: RouteCosts): Route {
    const { from, to, arriveS } = request;
    const { turnFrom } = this.network;
    const { offsets, turns } = this.#turnsOnto();
    const labels = this.#labels;
    const isStart = this.#isEnd;
    const { queue } = labels;
    const beforeS = this.#hopeFrom(request, costs);
    const best: End = { clockS: -Infinity, place: -1, other: -1, turn: -1 };

    const offer = (departS: number, start: number, ends: number, turn: number) => {
      if (departS > best.clockS) Object.assign(best, { clockS: departS, place: start, other: ends, turn });
    };
    /** The latest clock on a segment, `share` of it before its end, from which a turn has been taken by `byS`. */
    const latestOn = (segment: number, share: number, turn: number, byS: number) =>
      latestBeginning((clockS) => {
        const drivenS = share * costs.traversalS(segment, clockS);
        return drivenS + costs.turnS(turn, clockS + drivenS);
      }, byS);
    const arrive = (segment: number, byS: number, ends: number) => {
      for (let k = offsets[segment]; k < offsets[segment + 1]; k++) {
        const turn = turns[k];
        const before = turnFrom[turn];
        if (isStart[before])
          from.forEach((place, start) => {
            if (place.segment === before)
              offer(latestOn(before, 1 - place.fraction, turn, byS), start, ends, turn);
          });
        const known = labels.reached(before);
        if (known && labels.settled(before)) continue;
        const atS = latestOn(before, 1, turn, byS);
        if (!(atS > (known ? labels.clockS[before] : -Infinity))) continue;
        const throughS = atS - beforeS(before);
        if (throughS === -Infinity) continue;
        labels.set(before, atS, turn, ends);
        queue.push(before, -throughS);
      }
    };

    labels.begin();
    for (const { segment } of from) isStart[segment] = 1;
    try {
      to.forEach(({ segment, fraction }, end) => {
        from.forEach((place, start) => {
          if (place.segment !== segment || place.fraction > fraction) return;
          const drivenS = (clockS: number) => (fraction - place.fraction) * costs.traversalS(segment, clockS);
          offer(latestBeginning(drivenS, arriveS), start, end, -1);
        });
        const enterS = latestBeginning((clockS) => fraction * costs.traversalS(segment, clockS), arriveS);
        if (enterS > -Infinity) arrive(segment, enterS, end);
      });
      while (queue.length > 0) {
        if (-queue.peekValue()! <= best.clockS) break;
        const segment = queue.pop()!;
        if (labels.settled(segment)) continue;
        labels.settle(segment);
        arrive(segment, labels.clockS[segment], -1);
      }
    } finally {
      for (const { segment } of from) isStart[segment] = 0;
    }
    if (best.place < 0) throw unreachable();
    const way = this.#wayFrom(request, best);
    const departS = latestBeginning((clockS) => this.follow(way, clockS, costs).durationS, arriveS);
    return this.follow(way, departS, costs);
  }

  /**
   * The quickest route, then others worth a look, by the penalty method (Bader, Dees, Geisberger & Sanders 2011,
   * "Alternative Route Graphs in Road Networks", §4): what was found becomes dearer, and the search is repeated.
   * Routes that have too much in common with one before, or take too long, are left out.
   */
  alternatives(request: RouteRequest, costs: RouteCosts, options: AlternativeOptions): Route[] {
    const { count, maxOverlap = 0.7, maxDetour = 1.4 } = options;
    const routes = [this.quickest(request, costs)];
    const [best] = routes;
    const uses = new Map<number, number>();
    const penalized: RouteCosts = {
      ...costs,
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
  follow(way: Way, departS: number, costs: RouteCosts): Route {
    const { segments, turns, startFraction, endFraction } = way;
    const enterS: number[] = [];
    let clockS = departS;
    let lengthM = 0;
    segments.forEach((segment, i) => {
      if (i > 0) clockS += costs.turnS(turns[i - 1], clockS);
      enterS.push(clockS);
      const share = drivenShare(way, i);
      clockS += share * costs.traversalS(segment, clockS);
      lengthM += share * this.network.lengthM[segment];
    });
    return {
      segments,
      turns,
      departS,
      enterS,
      arriveS: clockS,
      durationS: clockS - departS,
      lengthM,
      startFraction,
      endFraction,
    };
  }

  /** Least seconds from a segment's start to the places to end at. */
  #hopeTo({ from, to }: RouteRequest, { bound, fastestKmh }: RouteCosts): (segment: number) => number {
    if (bound) {
      const { landmarks, scale } = bound;
      landmarks.aimTo(to, from[0].segment, scale);
      return (segment) => landmarks.secondsTo(segment);
    }
    this.#straight.aim(to, fastestKmh);
    return (segment) => this.#straight.secondsAt(segment);
  }

  /** Least seconds from the places to begin at to a segment's start. */
  #hopeFrom({ from, to }: ArriveByRequest, { bound, fastestKmh }: RouteCosts): (segment: number) => number {
    if (bound) {
      const { landmarks, scale } = bound;
      landmarks.aimFrom(from, to[0].segment, scale);
      return (segment) => landmarks.secondsFrom(segment);
    }
    this.#straight.aim(from, fastestKmh);
    return (segment) => this.#straight.secondsAt(segment);
  }

  #turnsOnto(): IncomingTurns {
    this.#incoming ??= incomingTurns(this.network);
    return this.#incoming;
  }

  /** Back from the end, by the turns that its segments were entered by. */
  #wayTo({ from, to }: RouteRequest, end: End): Way {
    const { turn: enteredBy, place } = this.#labels;
    const segments = [to[end.place].segment];
    const turns: number[] = [];
    let began = end.other;
    for (let segment = segments[0]; began < 0; ) {
      const turn = enteredBy[segment];
      began = place[segment];
      segment = this.network.turnFrom[turn];
      turns.push(turn);
      segments.push(segment);
    }
    return {
      segments: segments.reverse(),
      turns: turns.reverse(),
      startFraction: from[began].fraction,
      endFraction: to[end.place].fraction,
    };
  }

  /** Onward from the start, by the turns that its segments are left by. */
  #wayFrom({ from, to }: ArriveByRequest, start: End): Way {
    const { turn: leftBy, place } = this.#labels;
    const segments = [from[start.place].segment];
    const turns: number[] = [];
    let ends = start.other;
    for (let { turn } = start; turn >= 0; ) {
      const segment = this.network.turnTo[turn];
      turns.push(turn);
      segments.push(segment);
      if (ends >= 0) break;
      turn = leftBy[segment];
      ends = place[segment];
    }
    return {
      segments,
      turns,
      startFraction: from[start.place].fraction,
      endFraction: to[ends].fraction,
    };
  }

  /** Share of a route's length that lies on another's segments. */
  #overlap(route: Route, other: Route): number {
    const others = new Set(other.segments);
    const shared = route.segments.reduce(
      (sum, segment, i) =>
        others.has(segment) ? sum + drivenShare(route, i) * this.network.lengthM[segment] : sum,
      0,
    );
    return route.lengthM > 0 ? shared / route.lengthM : 1;
  }
}

/** Where a search may end, and the best clock there. */
interface End {
  clockS: number;
  /** Which of the places to end at; searching backward, to begin at. */
  place: number;
  /** Which of the places at the other end, where that is next to it; else −1. */
  other: number;
  /** Searching backward, the turn by which the segment to begin on is left; −1 where the end lies ahead on it. */
  turn: number;
}

function unreachable(): EtalonError {
  return new EtalonError('not-found', 'No way leads from the start to the destination.', {
    remedy: 'Choose points on roads that are connected; one-way streets and turn restrictions count.',
  });
}
