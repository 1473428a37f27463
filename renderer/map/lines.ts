import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import type { Point } from '../api/types.ts';

/** A line, and properties that a style paints it by. */
export type DrawnLine = { coordinates: Point[] } & Record<string, unknown>;

/** Puts lines in the place of what a source held; nothing where the style has no such source. */
export function setLines(map: MapLibre, source: string, lines: readonly DrawnLine[]): void {
  map.getSource<GeoJSONSource>(source)?.setData({
    type: 'FeatureCollection',
    features: lines.map(({ coordinates, ...properties }) => ({
      type: 'Feature',
      properties,
      geometry: { type: 'LineString', coordinates },
    })),
  });
}
