import type { RoadNetwork } from '../../core/roads/network.ts';

/** What a plain search needs of costs; told here once more, so that nothing is shared with the router. */
export interface PlainCosts {
  traversalS(segment: number, clockS: number): number;
  turnS(turn: number, clockS: number): number;
}

export interface PlainPlace {
  segment: number;
  fraction: number;
}

interface Entry {
  segment: number;
  leaveS: number;
}

/**
 * Earliest arrivals by Dijkstra's algorithm, written as plainly as can be and sharing no code with the router: on the clock at
 * which segments are left, without hope of any kind, over everything that is reached. One answer for each destination;
 * Infinity where none is reached.
 */
export function plainArrivals(
  network: RoadNetwork,
  from: readonly PlainPlace[],
  destinations: readonly (readonly PlainPlace[])[],
  departS: number,
  costs: PlainCosts,
): number[] {
  const arrivals = destinations.map(() => Infinity);
  const wanted = new Map<number, { destination: number; fraction: number }[]>();
  destinations.forEach((places, destination) => {
    for (const { segment, fraction } of places)
      wanted.set(segment, [...(wanted.get(segment) ?? []), { destination, fraction }]);
  });
  const left = new Map<number, number>();
  const heap = new PlainHeap();
  const done = new Set<number>();
  const onward = (segment: number, leaveS: number) => {
    for (let turn = network.turnOffsets[segment]; turn < network.turnOffsets[segment + 1]; turn++) {
      const next = network.turnTo[turn];
      const enterS = leaveS + costs.turnS(turn, leaveS);
      const wholeS = costs.traversalS(next, enterS);
      for (const { destination, fraction } of wanted.get(next) ?? [])
        arrivals[destination] = Math.min(arrivals[destination], enterS + fraction * wholeS);
      if (enterS + wholeS < (left.get(next) ?? Infinity)) {
        left.set(next, enterS + wholeS);
        heap.add({ segment: next, leaveS: enterS + wholeS });
      }
    }
  };
  for (const { segment, fraction } of from) {
    const wholeS = costs.traversalS(segment, departS);
    for (const end of wanted.get(segment) ?? [])
      if (end.fraction >= fraction)
        arrivals[end.destination] = Math.min(
          arrivals[end.destination],
          departS + (end.fraction - fraction) * wholeS,
        );
    onward(segment, departS + (1 - fraction) * wholeS);
  }
  for (let entry = heap.takeLeast(); entry; entry = heap.takeLeast()) {
    if (done.has(entry.segment)) continue;
    done.add(entry.segment);
    onward(entry.segment, entry.leaveS);
  }
  return arrivals;
}

/** A binary heap. */
class PlainHeap {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    const entries = this.#entries;
    entries.push(entry);
    for (let i = entries.length - 1; i > 0; ) {
      const parent = Math.floor((i - 1) / 2);
      if (entries[parent].leaveS <= entries[i].leaveS) return;
      [entries[parent], entries[i]] = [entries[i], entries[parent]];
      i = parent;
    }
  }

  takeLeast(): Entry | undefined {
    const entries = this.#entries;
    const least = entries[0];
    const last = entries.pop();
    if (entries.length === 0 || !last) return least;
    entries[0] = last;
    for (let i = 0; ; ) {
      let smallest = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < entries.length && entries[child].leaveS < entries[smallest].leaveS) smallest = child;
      if (smallest === i) return least;
      [entries[smallest], entries[i]] = [entries[i], entries[smallest]];
      i = smallest;
    }
  }
}
