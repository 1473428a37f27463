import { type GeoJSONSource, type Map as MapLibre, Marker } from 'maplibre-gl';
import { useEffect } from 'react';
import { useIsochrone } from '../stores/isochrone.ts';
import { useTheme } from '../theme/theme.ts';

/** Draws the bands of the isochrone, the widest first, and a mark where it begins. */
export function useIsochroneDrawing(map: MapLibre | null): void {
  const { answer, from } = useIsochrone();
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new style starts with empty sources
  useEffect(() => {
    map?.getSource<GeoJSONSource>('isochrone')?.setData({
      type: 'FeatureCollection',
      features: (answer?.bands ?? []).toReversed().map(({ minutes, polygons }) => ({
        type: 'Feature',
        properties: { minutes },
        geometry: { type: 'MultiPolygon', coordinates: polygons },
      })),
    });
  }, [map, answer, theme]);
  useEffect(() => {
    if (!map || !from) return;
    const element = document.createElement('div');
    element.className = 'route-point';
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', 'Start of the isochrone');
    const marker = new Marker({ element }).setLngLat(from.point).addTo(map);
    return () => {
      marker.remove();
    };
  }, [map, from]);
}
