import type { Map as MapLibre } from 'maplibre-gl';

export interface SeenSegment {
  id: number;
  name: string;
}

let current: MapLibre | null = null;

/** Tells which map the window shows; null when it is gone. */
export function setSeenMap(map: MapLibre | null): void {
  current = map;
}

/** Half the side of the square that is read, in px: reading a whole city at once would block the page. */
const REACH_PX = 220;

/** Main roads drawn around the centre of the map. */
export function seenSegments(): SeenSegment[] {
  if (!current) return [];
  const { x, y } = current.project(current.getCenter());
  const found = current.queryRenderedFeatures(
    [
      [x - REACH_PX, y - REACH_PX],
      [x + REACH_PX, y + REACH_PX],
    ],
    { layers: ['segments-speed'], filter: ['<=', ['get', 'c'], 4] },
  );
  const byId = new Map<number, SeenSegment>();
  for (const { id, properties } of found)
    if (typeof id === 'number') byId.set(id, { id, name: String(properties.n ?? '') });
  return [...byId.values()];
}
