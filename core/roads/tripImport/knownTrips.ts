import type { TripSet } from '../trips.ts';

/** Trips that were seen, by identifier, departure and path. */
export class KnownTrips {
  readonly #keys = new Set<string>();

  constructor(trips?: TripSet) {
    if (!trips) return;
    for (let i = 0; i < trips.count; i++)
      this.add(
        trips.ids[i],
        trips.departS[i],
        trips.segments.subarray(trips.offsets[i], trips.offsets[i + 1]),
      );
  }

  /** False when the trip was there already. */
  add(id: string, departS: number, segments: ArrayLike<number>): boolean {
    const before = this.#keys.size;
    this.#keys.add(`${id} ${departS} ${pathHash(segments)}`);
    return this.#keys.size > before;
  }
}

/** 52 bits from two multiplicative hashes, so that no path has to be kept. */
function pathHash(segments: ArrayLike<number>): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < segments.length; i++) {
    a = Math.imul(a ^ segments[i], 0x01000193);
    b = Math.imul(b + segments[i], 0x85ebca6b) ^ (b >>> 13);
  }
  return `${segments.length}:${(a >>> 0).toString(36)}:${(b >>> 0).toString(36)}`;
}
