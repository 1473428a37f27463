import { Growable } from '../base/growable.ts';

/** What was observed of the traffic on segments, as columns: one entry for each segment and interval; `N` is their count. */
export interface ObservationSet {
  readonly count: number;
  /** [N] segment indices. */
  readonly segment: Int32Array;
  /** [N] start of the interval, seconds since 1970-01-01T00:00Z. */
  readonly startS: Float64Array;
  /** [N] the same on the wall clock of the project's time zone, as seconds since a local 1970-01-01T00:00. */
  readonly localStartS: Float64Array;
  /** [N] length of the interval in seconds. */
  readonly durationS: Float32Array;
  /** [N] mean speed in km/h, over 0. */
  readonly speedKmh: Float32Array;
  /** [N] how many vehicles it is the mean of, a weight; NaN where unknown. */
  readonly vehicles: Float32Array;
}

/** None. */
export const NO_OBSERVATIONS: ObservationSet = {
  count: 0,
  segment: new Int32Array(0),
  startS: new Float64Array(0),
  localStartS: new Float64Array(0),
  durationS: new Float32Array(0),
  speedKmh: new Float32Array(0),
  vehicles: new Float32Array(0),
};

/** One entry of an {@link ObservationSet}. */
export interface Observation {
  segment: number;
  startS: number;
  localStartS: number;
  durationS: number;
  speedKmh: number;
  vehicles: number;
}

/** Observations that are being collected. */
export class ObservationColumns {
  readonly #segment = new Growable(Int32Array);
  readonly #startS = new Growable(Float64Array);
  readonly #localStartS = new Growable(Float64Array);
  readonly #durationS = new Growable(Float32Array);
  readonly #speedKmh = new Growable(Float32Array);
  readonly #vehicles = new Growable(Float32Array);

  get count(): number {
    return this.#segment.length;
  }

  push(observation: Observation): void {
    this.#segment.push(observation.segment);
    this.#startS.push(observation.startS);
    this.#localStartS.push(observation.localStartS);
    this.#durationS.push(observation.durationS);
    this.#speedKmh.push(observation.speedKmh);
    this.#vehicles.push(observation.vehicles);
  }

  /** Hands the observations over, and begins anew. */
  take(): ObservationSet {
    const set = {
      count: this.count,
      segment: this.#segment.toArray(),
      startS: this.#startS.toArray(),
      localStartS: this.#localStartS.toArray(),
      durationS: this.#durationS.toArray(),
      speedKmh: this.#speedKmh.toArray(),
      vehicles: this.#vehicles.toArray(),
    };
    for (const column of [
      this.#segment,
      this.#startS,
      this.#localStartS,
      this.#durationS,
      this.#speedKmh,
      this.#vehicles,
    ])
      column.clear();
    return set;
  }
}

/** One entry of a set. */
export function observationAt(set: ObservationSet, i: number): Observation {
  return {
    segment: set.segment[i],
    startS: set.startS[i],
    localStartS: set.localStartS[i],
    durationS: set.durationS[i],
    speedKmh: set.speedKmh[i],
    vehicles: set.vehicles[i],
  };
}

/** The observations at the given positions, in that order. */
export function selectObservations(set: ObservationSet, positions: ArrayLike<number>): ObservationSet {
  const count = positions.length;
  const take = <A extends Int32Array | Float32Array | Float64Array>(from: A, into: A): A => {
    for (let i = 0; i < count; i++) into[i] = from[positions[i]];
    return into;
  };
  return {
    count,
    segment: take(set.segment, new Int32Array(count)),
    startS: take(set.startS, new Float64Array(count)),
    localStartS: take(set.localStartS, new Float64Array(count)),
    durationS: take(set.durationS, new Float32Array(count)),
    speedKmh: take(set.speedKmh, new Float32Array(count)),
    vehicles: take(set.vehicles, new Float32Array(count)),
  };
}

/** The observations of all given sets, one set after the other. */
export function concatObservations(sets: readonly ObservationSet[]): ObservationSet {
  const count = sets.reduce((sum, set) => sum + set.count, 0);
  const join = <A extends Int32Array | Float32Array | Float64Array>(
    into: A,
    of: (set: ObservationSet) => A,
  ): A => {
    let begin = 0;
    for (const set of sets) {
      into.set(of(set), begin);
      begin += set.count;
    }
    return into;
  };
  return {
    count,
    segment: join(new Int32Array(count), (set) => set.segment),
    startS: join(new Float64Array(count), (set) => set.startS),
    localStartS: join(new Float64Array(count), (set) => set.localStartS),
    durationS: join(new Float32Array(count), (set) => set.durationS),
    speedKmh: join(new Float32Array(count), (set) => set.speedKmh),
    vehicles: join(new Float32Array(count), (set) => set.vehicles),
  };
}

/** The same observations sorted by start, then by segment. */
export function inOrderOfStart(set: ObservationSet): ObservationSet {
  const { count, startS, segment } = set;
  const before = (a: number, b: number) => startS[a] - startS[b] || segment[a] - segment[b];
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = before(i - 1, i) <= 0;
  if (sorted) return set;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return selectObservations(
    set,
    order.sort((a, b) => before(a, b) || a - b),
  );
}
