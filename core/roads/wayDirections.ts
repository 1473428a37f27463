import { type RoadNetwork, SEGMENT_FLAGS } from './network.ts';

/**
 * Segments by OSM way and direction, the terms in which other tools' files name roads: `2 · way + 1` along the way,
 * `2 · way` against it.
 */
export type WayDirections = ReadonlyMap<number, readonly number[]>;

/** The key of a way's direction; `forward` is along the way as it is drawn. */
export function wayDirectionKey(way: number, forward: boolean): number {
  return 2 * way + (forward ? 1 : 0);
}

export function wayDirections({ segmentCount, wayIds, flags }: RoadNetwork): WayDirections {
  const segments = new Map<number, number[]>();
  for (let segment = 0; segment < segmentCount; segment++) {
    if (wayIds[segment] === 0) continue;
    const key = wayDirectionKey(wayIds[segment], (flags[segment] & SEGMENT_FLAGS.againstWay) === 0);
    const known = segments.get(key);
    if (known) known.push(segment);
    else segments.set(key, [segment]);
  }
  return segments;
}
