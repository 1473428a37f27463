import type { TripSet } from '../trips.ts';
import { HashSet64 } from './hashSet64.ts';

/** Trips that were seen, by identifier, departure and path, of which only a hash is kept: under 20 bytes a trip. */
export class KnownTrips {
  readonly #seen = new HashSet64();
  readonly #words = new Uint32Array(2);
  readonly #departS = new Float64Array(this.#words.buffer);

  constructor(existing: Iterable<TripSet> = []) {
    for (const { count, ids, departS, segments, offsets } of existing)
      for (let i = 0; i < count; i++)
        this.add(ids[i], departS[i], segments.subarray(offsets[i], offsets[i + 1]));
  }

  /** False when the trip was there already. */
  add(id: string, departS: number, segments: ArrayLike<number>): boolean {
    // Two hashes of 32 bits: 10⁸ trips hold a pair that is taken for the same with a probability of 0.0003.
    let [a, b] = [0x811c9dc5, 0x9e3779b9];
    const mix = (word: number) => {
      a = Math.imul(a ^ word, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85ebca6b);
      b ^= b >>> 13;
    };
    for (let i = 0; i < id.length; i++) mix(id.charCodeAt(i));
    this.#departS[0] = departS;
    mix(this.#words[0]);
    mix(this.#words[1]);
    mix(segments.length);
    for (let i = 0; i < segments.length; i++) mix(segments[i]);
    return this.#seen.add(a >>> 0, b >>> 0);
  }
}
