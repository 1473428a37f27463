import FlatQueue from 'flatqueue';
import { type IncomingTurns, incomingTurns } from '../incomingTurns.ts';
import type { RoadNetwork } from '../network.ts';
import type { RoutePlace } from './types.ts';

const COUNT = 16;
/** Of the landmarks, a search asks those that say most about its two ends. */
const ACTIVE = 4;
/** Where to begin to look for landmarks: a segment from which most of the network is reached. */
const TRIES = 16;

/** Seconds that nothing undercuts, whatever the clock. */
export interface LeastCosts {
  /** [S] */
  traversalS: Float32Array | Float64Array;
  /** [T]; without it turns cost nothing. */
  turnS?: Float32Array | Float64Array;
}

/**
 * Landmarks that speak for costs of at least `scale` times those that they were prepared for: so one preparation
 * serves every departure.
 */
export interface LandmarkBound {
  landmarks: Landmarks;
  scale: number;
}

const prepared = new WeakMap<RoadNetwork, Map<LeastCosts['traversalS'], Landmarks>>();

/**
 * Lower bounds of driving times by landmarks and the triangle inequality (ALT: Goldberg & Harrelson 2005, "Computing
 * the Shortest Path: A* Search Meets Graph Theory", §4): for each landmark L,
 *   d(s, g) ≥ d(L, g) − d(L, s)   and   d(s, g) ≥ d(s, L) − d(g, L).
 * d is the least driving time from the start of one segment to the start of another, so A* by it stays exact where
 * times change with the clock (Nannicini, Delling, Liberti & Schultes 2008, "Bidirectional A* Search for Time-Dependent
 * Fast Paths", §3).
 */
export class Landmarks {
  readonly least: LeastCosts;
  /** The segments whose starts they stand at. */
  readonly segments: readonly number[];
  /** [S · 2 · landmarks] seconds from each landmark to the segment, and from the segment to each landmark, in pairs. */
  readonly #seconds: Float64Array;
  readonly #count: number;
  readonly #active = new Int32Array(ACTIVE);
  #activeCount = 0;
  #places: readonly RoutePlace[] = [];
  #scale = 1;

  /** Prepared once for each network and array of least seconds: Heidelberg's 22,635 segments take a quarter of a second. */
  static of(network: RoadNetwork, least: LeastCosts): Landmarks {
    let known = prepared.get(network);
    if (!known) {
      known = new Map();
      prepared.set(network, known);
    }
    let landmarks = known.get(least.traversalS);
    if (!landmarks || landmarks.least.turnS !== least.turnS) {
      landmarks = new Landmarks(network, least);
      known.set(least.traversalS, landmarks);
    }
    return landmarks;
  }

  private constructor(network: RoadNetwork, least: LeastCosts) {
    this.least = least;
    const search = new StaticSearch(network, least);
    const segments = farthest(network.segmentCount, search);
    this.segments = segments;
    this.#count = segments.length;
    this.#seconds = new Float64Array(2 * segments.length * network.segmentCount);
    segments.forEach((landmark, l) => {
      this.#keep(2 * l, search.forward(landmark));
      this.#keep(2 * l + 1, search.backward(landmark));
    });
  }

  /**
   * The bound for costs that are nowhere under `seconds`: what share of the prepared seconds they keep to. 0 where nothing
   * can be said.
   */
  boundFor(seconds: readonly ArrayLike<number>[]): LandmarkBound {
    const { traversalS } = this.least;
    let scale = Infinity;
    for (const values of seconds)
      for (let s = 0; s < traversalS.length; s++)
        if (traversalS[s] > 0 && values[s] < scale * traversalS[s]) scale = values[s] / traversalS[s];
    // Turns are held to the seconds that they were prepared with.
    return { landmarks: this, scale: Math.min(1, Math.max(0, scale)) };
  }

  /** Looks from segments to the places where a drive may end. */
  aimTo(places: readonly RoutePlace[], from: number, scale: number): void {
    this.#aim(places, scale, (l) => this.#between(from, places[0].segment, l));
  }

  /** Looks from the places where a drive may begin to segments. */
  aimFrom(places: readonly RoutePlace[], to: number, scale: number): void {
    this.#aim(places, scale, (l) => this.#between(places[0].segment, to, l));
  }

  /** Least seconds from a segment's start to the nearest of the places. */
  secondsTo(segment: number): number {
    const { traversalS } = this.least;
    let nearest = Infinity;
    for (const place of this.#places) {
      const restS = place.fraction * traversalS[place.segment];
      nearest = Math.min(nearest, this.#least(segment, place.segment) + restS);
    }
    return nearest * this.#scale;
  }

  /** Least seconds from the nearest of the places to a segment's start. */
  secondsFrom(segment: number): number {
    const { traversalS } = this.least;
    let nearest = Infinity;
    for (const place of this.#places) {
      const drivenS = place.fraction * traversalS[place.segment];
      nearest = Math.min(nearest, this.#least(place.segment, segment) - drivenS);
    }
    return Math.max(0, nearest) * this.#scale;
  }

  #aim(places: readonly RoutePlace[], scale: number, says: (landmark: number) => number): void {
    this.#places = places;
    this.#scale = scale;
    const best = Array.from({ length: this.#count }, (_, l) => ({ l, seconds: says(l) }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, ACTIVE);
    this.#activeCount = best.length;
    best.forEach(({ l }, i) => {
      this.#active[i] = l;
    });
  }

  #least(a: number, b: number): number {
    let most = 0;
    for (let i = 0; i < this.#activeCount; i++) {
      const seconds = this.#between(a, b, this.#active[i]);
      if (seconds > most) most = seconds;
    }
    return most;
  }

  /** What one landmark says of the way from a to b. Infinite where it knows that there is none. */
  #between(a: number, b: number, landmark: number): number {
    const atA = 2 * (a * this.#count + landmark);
    const atB = 2 * (b * this.#count + landmark);
    const seconds = this.#seconds;
    const byTo = seconds[atB] - seconds[atA];
    const byFrom = seconds[atA + 1] - seconds[atB + 1];
    // Infinity − Infinity says nothing, and no comparison with it holds.
    let most = 0;
    if (byTo > most) most = byTo;
    if (byFrom > most) most = byFrom;
    return most;
  }

  #keep(column: number, seconds: Float64Array): void {
    const width = 2 * this.#count;
    for (let s = 0; s < seconds.length; s++) this.#seconds[s * width + column] = seconds[s];
  }
}

/** Each landmark as far as can be from those before it (Goldberg & Harrelson 2005, §6, "farthest"). */
function farthest(segmentCount: number, search: StaticSearch): number[] {
  if (segmentCount === 0) return [];
  const far = (seconds: Float64Array) => {
    let found = -1;
    for (let s = 0; s < segmentCount; s++)
      if (seconds[s] < Infinity && seconds[s] > 0 && (found < 0 || seconds[s] > seconds[found])) found = s;
    return found;
  };
  let nearest = new Float64Array();
  let reached = -1;
  for (let i = 0; i < TRIES; i++) {
    const seconds = search.forward(Math.floor((i * segmentCount) / TRIES)).slice();
    const count = seconds.reduce((sum, value) => sum + (value < Infinity ? 1 : 0), 0);
    if (count <= reached) continue;
    reached = count;
    nearest = seconds;
  }
  const landmarks: number[] = [];
  for (let next = far(nearest); next >= 0 && landmarks.length < COUNT; next = far(nearest)) {
    const seconds = search.forward(next);
    // The start was only a place to look from.
    if (landmarks.length === 0) nearest.set(seconds);
    else for (let s = 0; s < segmentCount; s++) nearest[s] = Math.min(nearest[s], seconds[s]);
    landmarks.push(next);
  }
  return landmarks;
}

/** Dijkstra over all segments at the least costs, either way. Its answer is overwritten by the next. */
class StaticSearch {
  readonly #network: RoadNetwork;
  readonly #incoming: IncomingTurns;
  readonly #least: LeastCosts;
  readonly #seconds: Float64Array;
  readonly #queue = new FlatQueue<number>();

  constructor(network: RoadNetwork, least: LeastCosts) {
    this.#network = network;
    this.#incoming = incomingTurns(network);
    this.#least = least;
    this.#seconds = new Float64Array(network.segmentCount);
  }

  /** [S] seconds from the start of a segment to every other's. */
  forward(from: number): Float64Array {
    const { turnOffsets, turnTo } = this.#network;
    return this.#run(from, (segment, atS) => {
      const leftS = atS + this.#least.traversalS[segment];
      for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++)
        this.#offer(turnTo[turn], leftS + this.#turnS(turn));
    });
  }

  /** [S] seconds from every segment's start to that of one. */
  backward(to: number): Float64Array {
    const { offsets, turns } = this.#incoming;
    const { turnFrom } = this.#network;
    return this.#run(to, (segment, atS) => {
      for (let k = offsets[segment]; k < offsets[segment + 1]; k++) {
        const before = turnFrom[turns[k]];
        this.#offer(before, atS + this.#turnS(turns[k]) + this.#least.traversalS[before]);
      }
    });
  }

  #run(start: number, relax: (segment: number, atS: number) => void): Float64Array {
    this.#seconds.fill(Infinity);
    this.#queue.clear();
    this.#offer(start, 0);
    while (this.#queue.length > 0) {
      const atS = this.#queue.peekValue()!;
      const segment = this.#queue.pop()!;
      if (atS === this.#seconds[segment]) relax(segment, atS);
    }
    return this.#seconds;
  }

  #offer(segment: number, atS: number): void {
    if (!(atS < this.#seconds[segment])) return;
    this.#seconds[segment] = atS;
    this.#queue.push(segment, atS);
  }

  #turnS(turn: number): number {
    return this.#least.turnS ? this.#least.turnS[turn] : 0;
  }
}
