import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { mapStyle, type StyleOptions } from '../map/style.ts';
import { cssToken } from '../theme/theme.ts';

export const PATH_SOURCE = 'supersegment';
export const AROUND_SOURCE = 'supersegment-around';

/** The map's own style, coloured by coverage, with the selected supersegment and what lies around it. */
export function supersegmentStyle(options: Omit<StyleOptions, 'layer'>): StyleSpecification {
  const style = mapStyle({ ...options, layer: 'coverage' });
  const at = style.layers.findIndex(({ id }) => id === 'labels');
  const empty = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };
  return {
    ...style,
    sources: { ...style.sources, [PATH_SOURCE]: empty, [AROUND_SOURCE]: empty },
    layers: [...style.layers.slice(0, at), ...selectionLayers(), ...style.layers.slice(at)],
  };
}

function selectionLayers(): LayerSpecification[] {
  const line = (
    id: string,
    source: string,
    color: string,
    px: number,
    dash?: number[],
  ): LayerSpecification => ({
    id,
    type: 'line',
    source,
    layout: { 'line-cap': dash ? 'butt' : 'round', 'line-join': 'round' },
    paint: { 'line-color': color, 'line-width': px, ...(dash && { 'line-dasharray': dash }) },
  });
  const ground = cssToken('ground');
  return [
    line('around-casing', AROUND_SOURCE, ground, 7),
    line('around', AROUND_SOURCE, cssToken('accent'), 3, [1.2, 0.8]),
    line('path-casing', PATH_SOURCE, ground, 11),
    line('path', PATH_SOURCE, cssToken('accent'), 6),
  ];
}
