import { AttributionControl, Map as MapLibre, ScaleControl } from 'maplibre-gl';
import { useProject } from '../stores/project.ts';
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

/** The scale, and whose roads they are. */
export function addCredits(map: MapLibre): void {
  map.addControl(new ScaleControl({ maxWidth: 100 }), 'bottom-right');
  const customAttribution = credit();
  if (customAttribution !== null)
    map.addControl(new AttributionControl({ compact: false, customAttribution }), 'bottom-right');
}

/** Roads come from OpenStreetMap by every format that is read, but for the generated sample and networks of sensors; null without roads. */
function credit(): string | null {
  const roads = useProject.getState().project?.sources.find((source) => source.kind === 'roads');
  if (!roads) return null;
  if (roads.report.format === 'sensor positions') return 'segments: sensors';
  const invented = /sample|generat|invent/i.test(`${roads.report.format} ${roads.path}`);
  return invented ? 'roads: invented network' : '© OpenStreetMap contributors';
}
