import { groupBy } from '../graph/index.ts';
import type { RoadNetwork } from './network.ts';

/** The turns of a network by the segment they lead onto, as compressed sparse rows. */
export interface IncomingTurns {
  /** [S + 1] those onto segment s are turns[offsets[s]] … turns[offsets[s + 1] − 1]. */
  offsets: Uint32Array;
  /** [T] */
  turns: Int32Array;
}

export function incomingTurns({ segmentCount, turnTo }: RoadNetwork): IncomingTurns {
  const { offsets, entries: turns } = groupBy(turnTo, segmentCount);
  return { offsets, turns };
}
