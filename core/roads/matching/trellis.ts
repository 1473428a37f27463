import { grown } from '../../base/growable.ts';
import type { RoadNetwork } from '../network.ts';
import type { SegmentIndex } from '../snap.ts';
import { Reach } from './reach.ts';
import type { MatchSettings } from './settings.ts';

/**
 * Longer detours are looked for only where there is no shorter one: they are e⁻²⁰ as likely at most, and searches of a
 * city's whole network would be for nothing.
 */
const LIKELY_BETAS = 20;
const LIKELY_DETOUR_M = 400;
/** Logarithm of a likelihood below which a place is out of the question. */
const LEAST_LOG = -300;

/** Of the places that a stretch of a trace may have been at, those that were most likely driven. */
export interface Chain {
  /** Points of the trace, in order. */
  points: number[];
  /** Where each of them was: segment, metres from its start, and the point's distance from there. */
  segments: number[];
  offsetsM: number[];
  distancesM: number[];
  /** How far the way from the place before was searched; 0 for the first. */
  boundsM: number[];
  /** The place's probability, all points of the stretch considered. */
  confidences: number[];
}

/**
 * The hidden Markov model of Newson & Krumm 2009 ("Hidden Markov Map Matching Through Noise and Sparseness"): a column
 * of candidate places for each point, a place's likelihood exp(−½ (z/σ)²) by its distance z from the point (eq. 1), and
 * a step's likelihood exp(−|driven − straight|/β) (eq. 2). Columns are added one by one, each linked to one before;
 * likeliest ways (Viterbi) and forward probabilities are computed on the way. All is kept in arrays that are reused.
 */
export class Trellis {
  readonly #lengthM: Float32Array;
  readonly #index: SegmentIndex;
  readonly #settings: MatchSettings;
  readonly reach: Reach;

  #columns = 0;
  #point = new Int32Array(256);
  #begin = new Int32Array(257);
  #previous = new Int32Array(256);
  #boundM = new Float64Array(256);
  /** Where the likelihoods of the steps into a column begin: a row for each place of the column before. */
  #steps = new Int32Array(257);
  #likelihood = new Float64Array(1 << 14);

  #segment = new Int32Array(4096);
  #offsetM = new Float64Array(4096);
  #distanceM = new Float64Array(4096);
  #emission = new Float64Array(4096);
  #score = new Float64Array(4096);
  #back = new Int32Array(4096);
  #forward = new Float64Array(4096);

  /** Which place of the newest column lies on a segment, where `#stamp` says that one does. */
  readonly #slot: Int32Array;
  readonly #stamp: Int32Array;
  #stamped = 0;

  constructor(network: RoadNetwork, index: SegmentIndex, settings: MatchSettings) {
    this.#lengthM = network.lengthM;
    this.#index = index;
    this.#settings = settings;
    this.reach = new Reach(network, settings.uTurnM);
    this.#slot = new Int32Array(network.segmentCount);
    this.#stamp = new Int32Array(network.segmentCount);
  }

  clear(): void {
    this.#columns = 0;
  }

  /** Adds a column of the places near a point; −1, and nothing is added, when there is none. */
  add(point: number, lon: number, lat: number): number {
    const { radiusM, maxCandidates, sigmaM } = this.#settings;
    const places = this.#index.nearest([lon, lat], { maxM: radiusM, limit: maxCandidates });
    if (places.length === 0) return -1;
    const column = this.#columns++;
    this.#reserve(places.length);
    this.#point[column] = point;
    this.#previous[column] = -1;
    this.#boundM[column] = 0;
    this.#steps[column + 1] = this.#steps[column];
    let state = this.#begin[column];
    const worst = -0.5 * (places[0].distanceM / sigmaM) ** 2;
    for (const { segment, fraction, distanceM } of places) {
      // What the nearest place has in common with all others of the column changes nothing, and is left out.
      const log = -0.5 * (distanceM / sigmaM) ** 2 - worst;
      if (log < LEAST_LOG) break;
      this.#segment[state] = segment;
      this.#offsetM[state] = fraction * this.#lengthM[segment];
      this.#distanceM[state] = distanceM;
      this.#emission[state] = Math.exp(log);
      this.#score[state] = log;
      this.#back[state] = -1;
      this.#forward[state] = this.#emission[state];
      state++;
    }
    this.#begin[column + 1] = state;
    return column;
  }

  /** Takes the newest column away. */
  drop(): void {
    this.#columns--;
  }

  /**
   * Links the newest column to an earlier one, `straightM` metres and `seconds` before it. False, and nothing is
   * changed, when no way leads from any place there to any here.
   */
  connect(earlier: number, straightM: number, seconds: number): boolean {
    const { sigmaM, betaM, maxSpeedKmh, maxDetourM } = this.#settings;
    // Both points may lie off by a few σ along the road.
    const fastestM = (maxSpeedKmh / 3.6) * seconds + 4 * sigmaM;
    if (straightM > fastestM) return false;
    const boundM = Math.min(straightM + maxDetourM, fastestM);
    const likelyM = Math.min(boundM, straightM + Math.max(LIKELY_DETOUR_M, LIKELY_BETAS * betaM));
    return (
      this.#link(earlier, straightM, likelyM) || (likelyM < boundM && this.#link(earlier, straightM, boundM))
    );
  }

  /** Links the newest column to an earlier one by ways of up to `boundM`. */
  #link(earlier: number, straightM: number, boundM: number): boolean {
    const { sigmaM, betaM } = this.#settings;
    const column = this.#columns - 1;
    const [from, until] = [this.#begin[earlier], this.#begin[earlier + 1]];
    const [first, end] = [this.#begin[column], this.#begin[column + 1]];
    const width = end - first;
    const steps = this.#steps[column];
    this.#likelihood = grown(Float64Array, this.#likelihood, steps + (until - from) * width);
    this.#likelihood.fill(0, steps, steps + (until - from) * width);
    this.#stamped++;
    for (let state = first; state < end; state++) {
      this.#slot[this.#segment[state]] = state - first;
      this.#stamp[this.#segment[state]] = this.#stamped;
    }
    const likelihood = this.#likelihood;
    for (let a = from; a < until; a++) {
      if (this.#forward[a] === 0) continue;
      const row = steps + (a - from) * width;
      const segment = this.#segment[a];
      const restM = this.#lengthM[segment] - this.#offsetM[a];
      const { targets, costM } = this.reach.from(segment, boundM);
      for (let i = 0; i < targets.length && costM[i] + restM <= boundM; i++) {
        if (this.#stamp[targets[i]] !== this.#stamped) continue;
        const to = this.#slot[targets[i]];
        const drivenM = restM + costM[i] + this.#offsetM[first + to];
        if (drivenM > boundM) continue;
        likelihood[row + to] = Math.exp(-Math.abs(drivenM - straightM) / betaM);
      }
      if (this.#stamp[segment] !== this.#stamped) continue;
      const aheadM = this.#offsetM[first + this.#slot[segment]] - this.#offsetM[a];
      // A vehicle that hardly moved may seem to have gone back by what its points are off.
      if (aheadM < -2 * sigmaM) continue;
      likelihood[row + this.#slot[segment]] = Math.exp(-Math.abs(Math.max(0, aheadM) - straightM) / betaM);
    }
    if (!this.#advance(from, until, first, end, steps)) return false;
    this.#previous[column] = earlier;
    this.#boundM[column] = boundM;
    this.#steps[column + 1] = steps + (until - from) * width;
    return true;
  }

  /** Of the newest column and those that it is linked to, the likeliest places. Undefined without columns. */
  likeliest(): Chain | undefined {
    if (this.#columns === 0) return undefined;
    const columns: number[] = [];
    for (let column = this.#columns - 1; column >= 0; column = this.#previous[column]) columns.push(column);
    const states: number[] = [];
    const last = this.#columns - 1;
    let best = this.#begin[last];
    for (let state = best; state < this.#begin[last + 1]; state++)
      if (this.#score[state] > this.#score[best]) best = state;
    for (let state = best; state >= 0; state = this.#back[state]) states.push(state);
    const confidences = this.#smoothed(columns, states);
    columns.reverse();
    states.reverse();
    return {
      points: columns.map((column) => this.#point[column]),
      segments: states.map((state) => this.#segment[state]),
      offsetsM: states.map((state) => this.#offsetM[state]),
      distancesM: states.map((state) => this.#distanceM[state]),
      boundsM: columns.map((column) => this.#boundM[column]),
      confidences: confidences.reverse(),
    };
  }

  /**
   * Scores and forward probabilities of the places first … end − 1, from those of the column before; false when no
   * step leads to any.
   */
  #advance(from: number, until: number, first: number, end: number, steps: number): boolean {
    const width = end - first;
    let sum = 0;
    for (let state = first; state < end; state++) {
      let bestScore = -Infinity;
      let best = -1;
      let reached = 0;
      for (let a = from; a < until; a++) {
        const step = this.#likelihood[steps + (a - from) * width + state - first];
        if (step === 0) continue;
        reached += this.#forward[a] * step;
        const score = this.#score[a] + Math.log(step);
        if (score > bestScore) {
          bestScore = score;
          best = a;
        }
      }
      this.#score[state] = bestScore + Math.log(this.#emission[state]);
      this.#back[state] = best;
      this.#forward[state] = reached * this.#emission[state];
      sum += this.#forward[state];
    }
    // Scaled, so that long traces do not end in zeros (Rabiner 1989, §V.A).
    if (sum > 0) for (let state = first; state < end; state++) this.#forward[state] /= sum;
    return sum > 0;
  }

  /** The probability of each of the given places (newest column first), by the forward–backward algorithm. */
  #smoothed(columns: readonly number[], states: readonly number[]): number[] {
    const confidences: number[] = [];
    let after = new Float64Array(this.#begin[columns[0] + 1] - this.#begin[columns[0]]).fill(1);
    columns.forEach((column, i) => {
      const first = this.#begin[column];
      let sum = 0;
      for (let k = 0; k < after.length; k++) sum += this.#forward[first + k] * after[k];
      confidences.push((this.#forward[states[i]] * after[states[i] - first]) / sum);
      if (this.#previous[column] >= 0) after = this.#backward(column, after);
    });
    return confidences;
  }

  #backward(column: number, after: Float64Array): Float64Array<ArrayBuffer> {
    const earlier = this.#previous[column];
    const rows = this.#begin[earlier + 1] - this.#begin[earlier];
    const first = this.#begin[column];
    const before = new Float64Array(rows);
    let sum = 0;
    for (let a = 0; a < rows; a++) {
      const row = this.#steps[column] + a * after.length;
      for (let k = 0; k < after.length; k++)
        before[a] += this.#likelihood[row + k] * this.#emission[first + k] * after[k];
      sum += before[a];
    }
    for (let a = 0; a < rows; a++) before[a] /= sum;
    return before;
  }

  #reserve(places: number): void {
    const columns = this.#columns + 1;
    this.#point = grown(Int32Array, this.#point, columns);
    this.#begin = grown(Int32Array, this.#begin, columns + 1);
    this.#previous = grown(Int32Array, this.#previous, columns);
    this.#boundM = grown(Float64Array, this.#boundM, columns);
    this.#steps = grown(Int32Array, this.#steps, columns + 1);
    const states = this.#begin[this.#columns - 1] + places;
    this.#segment = grown(Int32Array, this.#segment, states);
    this.#offsetM = grown(Float64Array, this.#offsetM, states);
    this.#distanceM = grown(Float64Array, this.#distanceM, states);
    this.#emission = grown(Float64Array, this.#emission, states);
    this.#score = grown(Float64Array, this.#score, states);
    this.#back = grown(Int32Array, this.#back, states);
    this.#forward = grown(Float64Array, this.#forward, states);
  }
}
