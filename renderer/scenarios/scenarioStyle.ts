import type {
  ExpressionSpecification as Expression,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { SPEED_RAMP } from '../map/ramp.ts';
import { mapStyle, ROADS_SOURCE, SEGMENTS } from '../map/style.ts';
import { cssToken, type Theme } from '../theme/theme.ts';
import { CHANGE_RAMP } from './change.ts';

export const LINKS_SOURCE = 'scenario-links';
/** Feature states of segments beside the class `k`: closed, and named by an edit. */
export const CLOSED_STATE = 'closed';
export const EDITED_STATE = 'edited';

export interface ScenarioStyleOptions {
  theme: Theme;
  roadsVersion: number;
  hasValues: boolean;
  /** Colours by change of travel time instead of speed. */
  difference: boolean;
}

/** The map's own style, with what scenarios add: edited and closed segments, new links. */
export function scenarioStyle(options: ScenarioStyleOptions): StyleSpecification {
  const { theme, roadsVersion, hasValues, difference } = options;
  const style = mapStyle({
    theme,
    roadsVersion,
    isolated: null,
    layer: 'speed',
    hasValues,
    hasGaps: hasValues,
  });
  const ramp = difference ? CHANGE_RAMP[theme] : SPEED_RAMP[theme];
  const byState: Expression = ['coalesce', ['feature-state', 'k'], -2];
  const layers = style.layers.map((layer) =>
    layer.id === 'segments-speed' && layer.type === 'line'
      ? { ...layer, paint: { ...layer.paint, 'line-color': rampColour(byState, ramp, hasValues) } }
      : layer,
  );
  const at = layers.findIndex(({ id }) => id === 'labels');
  return {
    ...style,
    sources: {
      ...style.sources,
      [LINKS_SOURCE]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    layers: [...layers.slice(0, at), ...scenarioLayers(ramp), ...layers.slice(at)],
  };
}

/** A line's colour by its class; grey until values are there. */
export function rampColour(value: Expression, ramp: readonly string[], hasValues: boolean): Expression {
  return [
    'match',
    value,
    ...ramp.flatMap((color, k) => [k, color]),
    hasValues ? 'transparent' : cssToken('road-plain'),
  ] as unknown as Expression;
}

function scenarioLayers(ramp: readonly string[]): LayerSpecification[] {
  const segments = { source: ROADS_SOURCE, 'source-layer': SEGMENTS, type: 'line' as const };
  const inState = (state: string): Expression => ['case', ['==', ['feature-state', state], true], 1, 0];
  const wide: Expression = ['interpolate', ['linear'], ['zoom'], 10, 4, 14, 8, 16, 14];
  return [
    {
      id: 'scenario-edited',
      ...segments,
      layout: { 'line-cap': 'round' },
      paint: {
        'line-color': cssToken('accent'),
        'line-width': 2,
        'line-gap-width': wide,
        'line-opacity': inState(EDITED_STATE),
      },
    },
    {
      id: 'scenario-closed',
      ...segments,
      paint: {
        'line-color': cssToken('error'),
        'line-width': ['interpolate', ['linear'], ['zoom'], 10, 3, 14, 5, 16, 8],
        'line-dasharray': [1, 0.6],
        'line-opacity': inState(CLOSED_STATE),
      },
    },
    {
      id: 'scenario-links-casing',
      type: 'line',
      source: LINKS_SOURCE,
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': cssToken('accent'), 'line-width': 8 },
    },
    {
      id: 'scenario-links',
      type: 'line',
      source: LINKS_SOURCE,
      paint: { 'line-color': rampColour(['get', 'k'], ramp, true), 'line-width': 4 },
    },
  ];
}
