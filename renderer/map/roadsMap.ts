import { AttributionControl, Map as MapLibre, ScaleControl } from 'maplibre-gl';
import { serveTiles } from './tiles.ts';

/** A map of the project's roads beside the main one: without a style yet, north up. `what` names it for assistive tools. */
export function roadsMap(
  container: HTMLElement,
  bounds: [number, number, number, number] | null,
  what: string,
): MapLibre {
  serveTiles();
  const map = new MapLibre({
    container,
    style: { version: 8, sources: {}, layers: [] },
    ...(bounds && { bounds, fitBoundsOptions: { padding: 24 } }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 18,
    minZoom: 4,
    fadeDuration: 120,
    locale: { 'Map.Title': what },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}

export function addCredits(map: MapLibre): void {
  map.addControl(new ScaleControl({ maxWidth: 100 }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: true }), 'bottom-right');
}
