import FlatQueue from 'flatqueue';

const SETTLED = 1;

/**
 * What a search knows of each segment, and its queue. Both are kept between searches: a new search forgets the last one
 * without touching anything, so that its time follows what it reaches and not the size of the network.
 */
export class Labels {
  /** [S] the clock at the segment's start: the earliest entry, or searching backward the latest one. */
  readonly clockS: Float64Array;
  /** [S] the turn by which the segment is entered, or searching backward by which it is left; −1: none. */
  readonly turn: Int32Array;
  /** [S] which of the places to begin (backward: end) at lies next to that turn, else −1. */
  readonly place: Int32Array;
  readonly queue = new FlatQueue<number>();
  /** [S] twice the number of the search that reached the segment last, and one more when it has settled it. */
  readonly #state: Uint32Array;
  #search = 0;

  constructor(segmentCount: number) {
    this.clockS = new Float64Array(segmentCount);
    this.turn = new Int32Array(segmentCount);
    this.place = new Int32Array(segmentCount);
    this.#state = new Uint32Array(segmentCount);
  }

  /** Forgets the last search. */
  begin(): void {
    this.queue.clear();
    this.#search += 2;
    if (this.#search < 0xffff_fffe) return;
    this.#state.fill(0);
    this.#search = 2;
  }

  reached(segment: number): boolean {
    return this.#state[segment] >= this.#search;
  }

  settled(segment: number): boolean {
    return this.#state[segment] === this.#search + SETTLED;
  }

  settle(segment: number): void {
    this.#state[segment] = this.#search + SETTLED;
  }

  set(segment: number, clockS: number, turn: number, place: number): void {
    this.clockS[segment] = clockS;
    this.turn[segment] = turn;
    this.place[segment] = place;
    this.#state[segment] = this.#search;
  }
}
