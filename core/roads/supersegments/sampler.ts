import type { Random } from '../../base/index.ts';
import { AliasTables, groupBy } from '../../graph/index.ts';
import type { RoadNetwork } from '../network.ts';
import { findTurn } from '../profiles/delays.ts';
import type { TripSet } from '../trips.ts';

/** How often roads were driven: what supersegments are drawn in proportion to. */
export interface TrafficCounts {
  /** [S] traversals of each segment. */
  readonly segments: Float32Array;
  /** [T] traversals of each turn. */
  readonly turns: Float32Array;
}

/** Of the trips at the given positions, or of all. */
export function countTraffic(
  network: RoadNetwork,
  { offsets, segments, count }: TripSet,
  positions: Iterable<number> = Array(count).keys(),
): TrafficCounts {
  const counts = {
    segments: new Float32Array(network.segmentCount),
    turns: new Float32Array(network.turnCount),
  };
  for (const trip of positions)
    for (let k = offsets[trip]; k < offsets[trip + 1]; k++) {
      counts.segments[segments[k]]++;
      if (k + 1 === offsets[trip + 1]) continue;
      const turn = findTurn(network, segments[k], segments[k + 1]);
      if (turn >= 0) counts.turns[turn]++;
    }
  return counts;
}

/** Supersegments as columns: those of number i are `segments[offsets[i]] … segments[offsets[i + 1] − 1]`, in driving order. */
export interface Supersegments {
  readonly offsets: Uint32Array;
  readonly segments: Int32Array;
}

/**
 * Draws supersegments (Derrow-Pinion et al. 2021, §3.1): a start in proportion to the traffic on each segment, then a walk along
 * turns in proportion to how often each was driven, until the intended length or where no drive went on. Sequences of turns
 * that nobody makes are never drawn; a busy road is drawn as often as it is driven. O(1) a step.
 */
export class SupersegmentSampler {
  readonly #network: RoadNetwork;
  readonly #starts: { segments: Int32Array; table: AliasTables };
  /** Driven turns by the segment that they leave. */
  readonly #onward: { offsets: Uint32Array; turns: Int32Array; tables: AliasTables };

  constructor(network: RoadNetwork, traffic: TrafficCounts) {
    this.#network = network;
    const segments = driven(traffic.segments);
    this.#starts = {
      segments,
      table: new AliasTables(Uint32Array.of(0, segments.length), pick(traffic.segments, segments)),
    };
    const turns = driven(traffic.turns);
    // A network's turns stand by the segment that they leave, so that grouping leaves their order as it is.
    const { offsets } = groupBy(pick(network.turnFrom, turns), network.segmentCount);
    this.#onward = { offsets, turns, tables: new AliasTables(offsets, pick(traffic.turns, turns)) };
  }

  /** `count` supersegments of `length` segments, fewer where a walk cannot go on. None where there is no traffic. */
  draw(count: number, length: number, random: Random): Supersegments {
    const { segments: starts, table } = this.#starts;
    const { offsets: rows, turns, tables } = this.#onward;
    const { turnTo } = this.#network;
    const drawn = starts.length > 0 ? count : 0;
    const offsets = new Uint32Array(drawn + 1);
    const segments = new Int32Array(drawn * length);
    let at = 0;
    for (let i = 0; i < drawn; i++) {
      let segment = starts[table.draw(0, starts.length, random)];
      segments[at++] = segment;
      for (let step = 1; step < length; step++) {
        const begin = rows[segment];
        const choices = rows[segment + 1] - begin;
        if (choices === 0) break;
        segment = turnTo[turns[begin + tables.draw(begin, choices, random)]];
        segments[at++] = segment;
      }
      offsets[i + 1] = at;
    }
    return { offsets, segments: segments.slice(0, at) };
  }
}

/** What supersegments cover of a network, in shares of 1. */
export interface Coverage {
  /** [S] how many supersegments hold each segment. */
  readonly times: Uint32Array;
  /** Of the network's kilometres, of the driven kilometres of road, and of the kilometres that vehicles drove. */
  readonly networkShare: number;
  readonly drivenShare: number;
  readonly trafficShare: number;
}

export function coverage(
  { segmentCount, lengthM }: RoadNetwork,
  traffic: TrafficCounts,
  { segments }: Supersegments,
): Coverage {
  const times = new Uint32Array(segmentCount);
  for (const segment of segments) times[segment]++;
  const share = (metres: (s: number) => number) => {
    let all = 0;
    let covered = 0;
    for (let s = 0; s < segmentCount; s++) {
      all += metres(s);
      if (times[s] > 0) covered += metres(s);
    }
    return all > 0 ? covered / all : 0;
  };
  return {
    times,
    networkShare: share((s) => lengthM[s]),
    drivenShare: share((s) => (traffic.segments[s] > 0 ? lengthM[s] : 0)),
    trafficShare: share((s) => traffic.segments[s] * lengthM[s]),
  };
}

function driven(counts: Float32Array): Int32Array {
  return Int32Array.from(counts.keys()).filter((i) => counts[i] > 0);
}

function pick(values: ArrayLike<number>, positions: Int32Array): Float32Array {
  return Float32Array.from(positions, (i) => values[i]);
}
