import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import type { Point } from '../api/types.ts';

/** Puts lines in the place of what a source held; nothing where the style has no such source. */
export function setLines(map: MapLibre, source: string, lines: readonly Point[][]): void {
  map.getSource<GeoJSONSource>(source)?.setData({
    type: 'FeatureCollection',
    features: lines.map((coordinates) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'LineString', coordinates },
    })),
  });
}
