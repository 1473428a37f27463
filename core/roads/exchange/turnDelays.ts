import type { RoadNetwork } from '../network.ts';
import { findTurn, type SegmentModel } from '../profiles/index.ts';
import type { TripSet } from '../trips.ts';

/**
 * [T] seconds that each turn takes more than the mean turn off its segment, as the segment model has them. A segment's
 * observed speed holds the delay of the turns that drivers made at its end; only the difference is left for the turn.
 * The mean is weighted by trips, and plain where no trip turned.
 */
export function turnDelaysBesideSpeeds(
  network: RoadNetwork,
  trips: TripSet,
  model: Pick<SegmentModel, 'endDelayS'>,
): Float32Array {
  const { turnCount, turnFrom, turnTo, turnOffsets, segmentCount } = network;
  const driven = new Float64Array(turnCount);
  for (let trip = 0; trip < trips.count; trip++)
    for (let k = trips.offsets[trip]; k + 1 < trips.offsets[trip + 1]; k++) {
      const turn = findTurn(network, trips.segments[k], trips.segments[k + 1]);
      if (turn >= 0) driven[turn]++;
    }
  const delayS = Float32Array.from({ length: turnCount }, (_, turn) =>
    model.endDelayS(turnFrom[turn], turnTo[turn]),
  );
  for (let segment = 0; segment < segmentCount; segment++) {
    const [begin, end] = [turnOffsets[segment], turnOffsets[segment + 1]];
    if (begin === end) continue;
    let seconds = 0;
    let weight = 0;
    const any = driven.subarray(begin, end).some((count) => count > 0);
    for (let turn = begin; turn < end; turn++) {
      const share = any ? driven[turn] : 1;
      seconds += share * delayS[turn];
      weight += share;
    }
    for (let turn = begin; turn < end; turn++) delayS[turn] -= seconds / weight;
  }
  return delayS;
}
