/**
 * Sums of quantities over the events of a group within a span of time, by binary search on running sums.
 * A group is whatever is asked about: the city, a grid cell, a segment.
 */
export class TimedSums {
  /** [groups + 1] first event of each group. */
  readonly #offsets: Uint32Array;
  /** [E] by group, then time. */
  readonly #timeS: Float64Array;
  /** Per quantity [E + 1]: the sum of all events before. */
  readonly #running: Float64Array[];

  /** `group`, `timeS` and each of `quantities` have one entry per event, in any order. */
  constructor(
    groupCount: number,
    group: ArrayLike<number>,
    timeS: ArrayLike<number>,
    quantities: readonly ArrayLike<number>[],
  ) {
    const count = group.length;
    this.#offsets = new Uint32Array(groupCount + 1);
    for (let e = 0; e < count; e++) this.#offsets[group[e] + 1]++;
    for (let g = 0; g < groupCount; g++) this.#offsets[g + 1] += this.#offsets[g];
    const order = new Uint32Array(count);
    const next = this.#offsets.slice(0, groupCount);
    for (let e = 0; e < count; e++) order[next[group[e]]++] = e;
    for (let g = 0; g < groupCount; g++)
      sortByTime(order.subarray(this.#offsets[g], this.#offsets[g + 1]), timeS);
    this.#timeS = Float64Array.from(order, (e) => timeS[e]);
    this.#running = quantities.map((values) => {
      const running = new Float64Array(count + 1);
      for (let i = 0; i < count; i++) running[i + 1] = running[i] + values[order[i]];
      return running;
    });
  }

  /** Position of the group's first event at or after a time; the group's end where there is none. */
  position(group: number, timeS: number): number {
    let low = this.#offsets[group];
    let high = this.#offsets[group + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timeS[middle] < timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same for a time shortly before that of `from`, a position of the group: walks back from there. */
  positionBack(group: number, timeS: number, from: number): number {
    const begin = this.#offsets[group];
    let at = from;
    while (at > begin && this.#timeS[at - 1] >= timeS) at--;
    return at;
  }

  /** Sum of a quantity over the events at positions from … until − 1. */
  sum(quantity: number, from: number, until: number): number {
    return this.#running[quantity][until] - this.#running[quantity][from];
  }

  /** First position of a group. */
  begin(group: number): number {
    return this.#offsets[group];
  }

  /** Position after the last of a group. */
  end(group: number): number {
    return this.#offsets[group + 1];
  }

  timeAt(position: number): number {
    return this.#timeS[position];
  }
}

/** Moves for each event, on average, after which events are too far from sorted to be put in place one by one. */
const MOST_MOVES = 16;

/**
 * Sorts ascending events by time, those of the same time as they were. Events come by departure and are sorted by their end: nearly all
 * are in their place, and a comparison for each is enough.
 */
function sortByTime(events: Uint32Array, timeS: ArrayLike<number>): void {
  let moves = 0;
  for (let i = 1; i < events.length; i++) {
    const event = events[i];
    const at = timeS[event];
    let to = i;
    for (; to > 0 && timeS[events[to - 1]] > at; to--) events[to] = events[to - 1];
    events[to] = event;
    moves += i - to;
    if (moves > MOST_MOVES * events.length) {
      events.sort((a, b) => timeS[a] - timeS[b] || a - b);
      return;
    }
  }
}
