import { Growable } from '../../base/growable.ts';
import type { TripSet } from '../trips.ts';

/** How many trips, or traversals of them, are handed on at a time: some 16 MB. */
const CHUNK_TRIPS = 1 << 16;
const CHUNK_TRAVERSALS = 1 << 20;

/** A trip as it is collected. */
export interface CollectedTrip {
  departS: number;
  localDepartS: number;
  totalS: number;
  segments: number[];
  /** Null where the seconds of no segment are known. */
  segmentS: number[] | null;
}

/** Trips that are being collected, as columns. */
export class TripColumns {
  #ids: string[] = [];
  readonly #departS = new Growable(Float64Array);
  readonly #localDepartS = new Growable(Float64Array);
  readonly #totalS = new Growable(Float32Array);
  readonly #offsets = new Growable(Uint32Array);
  readonly #segments = new Growable(Int32Array);
  readonly #segmentS = new Growable(Float32Array);
  #timed = false;

  get count(): number {
    return this.#ids.length;
  }

  get traversals(): number {
    return this.#segments.length;
  }

  /** There are enough to be handed on. */
  get isFull(): boolean {
    return this.count >= CHUNK_TRIPS || this.traversals >= CHUNK_TRAVERSALS;
  }

  push(id: string, row: CollectedTrip): void {
    if (this.#ids.length === 0) this.#offsets.push(0);
    this.#ids.push(id);
    this.#departS.push(row.departS);
    this.#localDepartS.push(row.localDepartS);
    this.#totalS.push(row.totalS);
    this.#segments.pushAll(row.segments);
    this.#offsets.push(this.#segments.length);
    this.#segmentS.pushAll(row.segmentS ?? row.segments.map(() => Number.NaN));
    if (row.segmentS) this.#timed = true;
  }

  /** Hands the trips over, and begins anew. */
  take(): TripSet {
    const trips: TripSet = {
      count: this.#ids.length,
      ids: this.#ids,
      departS: this.#departS.toArray(),
      localDepartS: this.#localDepartS.toArray(),
      totalS: this.#totalS.toArray(),
      offsets: this.#offsets.toArray(),
      segments: this.#segments.toArray(),
      ...(this.#timed && { segmentS: this.#segmentS.toArray() }),
    };
    this.#ids = [];
    this.#timed = false;
    for (const column of [
      this.#departS,
      this.#localDepartS,
      this.#totalS,
      this.#offsets,
      this.#segments,
      this.#segmentS,
    ])
      column.clear();
    return trips;
  }
}
