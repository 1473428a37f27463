import { type RoadNetwork, SEGMENT_FLAGS, TURN_CLASSES } from '../network.ts';

/** What costs time besides length, counted per trip or traversal. The index is the constant's. */
export const DELAYS = ['trip', 'signal', 'left', 'right'] as const;
export const DELAY = { trip: 0, signal: 1, left: 2, right: 3 } as const;

const turnDelay = Int8Array.from(TURN_CLASSES, (name) => {
  if (name === 'left' || name === 'sharpLeft' || name === 'uTurn') return DELAY.left;
  return name === 'right' || name === 'sharpRight' ? DELAY.right : -1;
});

/** The turn from one segment onto the next, or −1 where the network has none. */
export function findTurn(network: RoadNetwork, from: number, to: number): number {
  for (let turn = network.turnOffsets[from]; turn < network.turnOffsets[from + 1]; turn++)
    if (network.turnTo[turn] === to) return turn;
  return -1;
}

/**
 * `DELAY.left`, `DELAY.right` or −1 (straight on, or the trip ends: `next` < 0). A turn that the network does
 * not permit, yet a trip made, counts as a left one: nearly always it is a U-turn.
 */
export function turnDelayBetween(network: RoadNetwork, segment: number, next: number): number {
  if (next < 0) return -1;
  const turn = findTurn(network, segment, next);
  return turn < 0 ? DELAY.left : turnDelay[network.turnClass[turn]];
}

export function endsAtSignal(network: RoadNetwork, segment: number): boolean {
  return (network.flags[segment] & SEGMENT_FLAGS.signal) !== 0;
}
