import type { RoadNetwork } from '../network.ts';

/** The turns of a network by the segment they lead onto, as compressed sparse rows. */
export interface IncomingTurns {
  /** [S + 1] those onto segment s are turns[offsets[s]] … turns[offsets[s + 1] − 1]. */
  offsets: Uint32Array;
  /** [T] */
  turns: Int32Array;
}

export function incomingTurns({ segmentCount, turnCount, turnTo }: RoadNetwork): IncomingTurns {
  const offsets = new Uint32Array(segmentCount + 1);
  for (const to of turnTo) offsets[to + 1]++;
  for (let s = 0; s < segmentCount; s++) offsets[s + 1] += offsets[s];
  const next = offsets.slice();
  const turns = new Int32Array(turnCount);
  for (let turn = 0; turn < turnCount; turn++) turns[next[turnTo[turn]]++] = turn;
  return { offsets, turns };
}
