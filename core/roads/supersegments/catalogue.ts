import { type Csr, groupBy } from '../../graph/index.ts';
import type { Supersegments } from './sampler.ts';

/**
 * The supersegments that a model knows by number: what a learned embedding belongs to. A path is told the number of the
 * one that shares most of its segments.
 */
export class SupersegmentCatalogue {
  readonly supersegments: Supersegments;
  /** Supersegments by the segments that they hold: those of s are `entries[offsets[s]] … entries[offsets[s + 1] − 1]`. */
  readonly #of: Csr;
  readonly #shared: Int32Array;

  constructor(segmentCount: number, supersegments: Supersegments) {
    this.supersegments = supersegments;
    const { offsets, segments } = supersegments;
    const numberOf = new Int32Array(segments.length);
    for (let i = 0; i < this.count; i++) numberOf.fill(i, offsets[i], offsets[i + 1]);
    const positions = groupBy(segments, segmentCount);
    this.#of = { offsets: positions.offsets, entries: positions.entries.map((at) => numberOf[at]) };
    this.#shared = new Int32Array(this.count);
  }

  get count(): number {
    return this.supersegments.offsets.length - 1;
  }

  /** Number of the supersegment that holds most of the segments path[start] … path[end − 1], the first of equals; `count` for none. */
  nearest(path: ArrayLike<number>, start: number, end: number): number {
    const { offsets, entries } = this.#of;
    const touched: number[] = [];
    let best = this.count;
    let most = 0;
    for (let k = start; k < end; k++)
      for (let i = offsets[path[k]]; i < offsets[path[k] + 1]; i++) {
        const number = entries[i];
        if (this.#shared[number]++ === 0) touched.push(number);
        const shared = this.#shared[number];
        if (shared > most || (shared === most && number < best)) [best, most] = [number, shared];
      }
    for (const number of touched) this.#shared[number] = 0;
    return best;
  }

  /** As arrays of a checkpoint; whole numbers below 2²⁴ are exact in float32. */
  toArrays(): Record<'offsets' | 'segments', Float32Array> {
    const { offsets, segments } = this.supersegments;
    return { offsets: Float32Array.from(offsets), segments: Float32Array.from(segments) };
  }

  static fromArrays(
    segmentCount: number,
    arrays: Record<'offsets' | 'segments', Float32Array>,
  ): SupersegmentCatalogue {
    return new SupersegmentCatalogue(segmentCount, {
      offsets: Uint32Array.from(arrays.offsets),
      segments: Int32Array.from(arrays.segments),
    });
  }
}
