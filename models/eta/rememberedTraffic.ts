import { spread, type Traffic, type TrafficReader } from './traffic.ts';

/** Departures whose traffic is kept: a search asks at several steps of the clock, and the next click at the same ones. */
const KEPT_TIMES = 12;

/**
 * Traffic whose figures of a segment at a departure are looked up once, however often it is asked about: on several paths, as the
 * neighbour of others, at several horizons.
 */
export class RememberedTraffic implements TrafficReader {
  readonly cityNames: readonly string[];
  readonly nodeNames: readonly string[];
  readonly looksAhead: boolean;
  readonly #traffic: Traffic;
  readonly #segmentCount: number;
  /** By departure, the last asked about last. */
  readonly #rows = new Map<number, SegmentRows>();

  constructor(traffic: Traffic, segmentCount: number) {
    this.#traffic = traffic;
    this.#segmentCount = segmentCount;
    this.cityNames = traffic.cityNames;
    this.nodeNames = traffic.nodeNames;
    this.looksAhead = traffic.looksAhead;
  }

  city(timeS: number, localS: number, out: Float32Array, at = 0): void {
    this.#traffic.city(timeS, localS, out, at);
  }

  nodes(
    timeS: number,
    segments: ArrayLike<number>,
    elapsedS: ArrayLike<number>,
    out: Float32Array,
    at = 0,
  ): void {
    const rows = this.#rowsAt(timeS);
    const missing = rows.missing(segments);
    if (missing.length > 0) {
      const values = new Float32Array(missing.length * this.#traffic.knownWidth);
      this.#traffic.known(timeS, missing, values);
      rows.add(missing, values);
    }
    rows.copy(segments, out, at, this.nodeNames.length);
    if (this.looksAhead) this.#traffic.ahead(timeS, segments, elapsedS, out, at);
  }

  #rowsAt(timeS: number): SegmentRows {
    const rows = this.#rows.get(timeS) ?? new SegmentRows(this.#segmentCount, this.#traffic.knownWidth);
    this.#rows.delete(timeS);
    this.#rows.set(timeS, rows);
    if (this.#rows.size > KEPT_TIMES) this.#rows.delete(this.#rows.keys().next().value!);
    return rows;
  }
}

/** Rows of values of some of the segments; memory follows those. */
class SegmentRows {
  readonly #width: number;
  /** [S] position of a segment's row, −1 where it has none. */
  readonly #row: Int32Array;
  #values: Float32Array;
  #count = 0;

  constructor(segmentCount: number, width: number) {
    this.#width = width;
    this.#row = new Int32Array(segmentCount).fill(-1);
    this.#values = new Float32Array(64 * width);
  }

  /** The segments without a row, each once; from now on they have one. */
  missing(segments: ArrayLike<number>): number[] {
    const missing: number[] = [];
    for (let i = 0; i < segments.length; i++) {
      if (this.#row[segments[i]] >= 0) continue;
      this.#row[segments[i]] = this.#count + missing.length;
      missing.push(segments[i]);
    }
    return missing;
  }

  /** The rows of what {@link missing} found last. */
  add(segments: readonly number[], values: Float32Array): void {
    const end = (this.#count + segments.length) * this.#width;
    if (end > this.#values.length) {
      const larger = new Float32Array(Math.max(end, 2 * this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(values, this.#count * this.#width);
    this.#count += segments.length;
  }

  copy(segments: ArrayLike<number>, out: Float32Array, at: number, stride: number): void {
    for (let i = 0; i < segments.length; i++) {
      const from = this.#row[segments[i]] * this.#width;
      spread(this.#values.subarray(from, from + this.#width), this.#width, out, at + i * stride, stride);
    }
  }
}
