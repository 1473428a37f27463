import type { RoadNetwork } from '@etalon/core/roads';

/** Without weights of their own, segments see each other over unobserved ones up to so far. */
const REACH_M = 3000;

/** Edges between observed segments, both ways; `n` is the count of segments, `E` of edges. */
export interface SpeedGraph {
  /** [E] columns of the matrix. */
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** [E] nearness in (0, 1]: as the sensors' adjacency says, or exp(−distance / 1 km). */
  readonly weight: Float32Array;
  /** [E] metres between the middles of the two segments, along the roads. */
  readonly distanceM: Float32Array;
  /** [E] whether traffic can drive from the sender to the receiver, and back. */
  readonly onward: Uint8Array;
  readonly back: Uint8Array;
}

interface Link {
  weight: number;
  distanceM: number;
  onward: number;
  back: number;
}

/**
 * Every turn between observed segments is an edge both ways, as queues reach back; where roads lie between that nobody observes,
 * the observed ones that are reached first, within 3 km. Each segment keeps the `most` nearest that lead to it, by weight.
 */
export function speedGraph(network: RoadNetwork, segments: Int32Array, most: number): SpeedGraph {
  const column = new Map(Array.from(segments, (segment, i) => [segment, i]));
  const links = Array.from(segments, () => new Map<number, Link>());
  const join = (from: number, to: number, link: Link) => {
    const known = links[to].get(from);
    links[to].set(from, {
      ...link,
      weight: Math.max(link.weight, known?.weight ?? 0),
      onward: link.onward | (known?.onward ?? 0),
      back: link.back | (known?.back ?? 0),
    });
  };
  for (const [i, segment] of segments.entries())
    for (const { to, weight, distanceM } of reached(network, segment, column)) {
      if (to === i) continue;
      join(i, to, { weight, distanceM, onward: 1, back: 0 });
      join(to, i, { weight, distanceM, onward: 0, back: 1 });
    }
  const edges = links.flatMap((incoming, receiver) =>
    [...incoming]
      .map(([sender, link]) => ({ sender, receiver, ...link }))
      .sort((a, b) => b.weight - a.weight || a.sender - b.sender)
      .slice(0, most),
  );
  return {
    senders: Int32Array.from(edges, ({ sender }) => sender),
    receivers: Int32Array.from(edges, ({ receiver }) => receiver),
    weight: Float32Array.from(edges, ({ weight }) => weight),
    distanceM: Float32Array.from(edges, ({ distanceM }) => distanceM),
    onward: Uint8Array.from(edges, ({ onward }) => onward),
    back: Uint8Array.from(edges, ({ back }) => back),
  };
}

/** Observed segments that are driven onto next, over unobserved ones in order of distance (Dijkstra 1959). */
function reached(network: RoadNetwork, start: number, column: ReadonlyMap<number, number>) {
  const { turnOffsets, turnTo, turnWeight, lengthM } = network;
  const found: { to: number; weight: number; distanceM: number }[] = [];
  const done = new Set([start]);
  const open = new Map<number, number>();
  const leave = (segment: number, endM: number) => {
    for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) {
      const next = turnTo[turn];
      const to = column.get(next);
      if (turnWeight) {
        const distanceM = endM + lengthM[next] / 2;
        if (to !== undefined) found.push({ to, weight: turnWeight[turn], distanceM });
      } else if (!done.has(next) && endM < (open.get(next) ?? REACH_M)) open.set(next, endM);
    }
  };
  leave(start, lengthM[start] / 2);
  while (open.size > 0) {
    const [segment, beginM] = [...open].reduce((a, b) => (b[1] < a[1] ? b : a));
    open.delete(segment);
    done.add(segment);
    const to = column.get(segment);
    const distanceM = beginM + lengthM[segment] / 2;
    if (to === undefined) leave(segment, beginM + lengthM[segment]);
    else found.push({ to, weight: Math.exp(-distanceM / 1000), distanceM });
  }
  return found;
}
