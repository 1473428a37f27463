import type {
  DataDrivenPropertyValueSpecification as DataDriven,
  ExpressionSpecification as Expression,
  LayerSpecification,
  LineLayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { LATER_RAMP } from '../explain/contribution.ts';
import { cssToken, type Theme } from '../theme/theme.ts';
import { LAYERS, type MapLayer } from './layers.ts';
import { NO_PREDICTION, SPEED_RAMP } from './ramp.ts';
import { ROAD_CLASS_COUNT, WIDTH_ZOOMS, widthsAt } from './roadClasses.ts';

export const ROADS_SOURCE = 'roads';
export const SEGMENTS = 'segments';
export const HIT_LAYERS = ['segments-speed', 'segments-plain', 'detectors'];

/** Of one band of an isochrone. */
export const BAND_OPACITY = 0.14;

const FONT = ['Inter Variable'];
const roadClass: Expression = ['get', 'c'];
const hasOpposite: Expression = ['!=', ['get', 'o'], 1];
/** State `k`: the class of the layer's value; absent until values are there. */
const state: Expression = ['coalesce', ['feature-state', 'k'], -2];

type ZoomStops = readonly (readonly [fromZoom: number, condition: Expression | boolean])[];

/** A filter that changes with the zoom. MapLibre evaluates filters at whole zooms only. */
const fromZoom = (first: Expression | boolean, ...stops: ZoomStops): Expression =>
  ['step', ['zoom'], first, ...stops.flat()] as unknown as Expression;

const isDetector: Expression = ['has', 'd'];

const upTo = (least: number): Expression => ['<=', roadClass, least];
const street: Expression = ['all', ['>', roadClass, 4], ['<=', roadClass, 7]];

/** Fewer classes from afar; the least streets get colour at z13 and are thin and grey before. */
const coloured = fromZoom(upTo(2), [9, upTo(3)], [10, upTo(4)], [13, upTo(7)], [14, true]);
const greyOnly = fromZoom(false, [11, street], [13, false]);
const named = fromZoom(upTo(2), [12, upTo(3)], [13, upTo(4)], [15, true]);
/** Opposite directions would write the same name twice: the tile says 0 on one of them. */
const labelled: Expression = ['!=', ['get', 'l'], 0];

type LineLayout = NonNullable<LineLayerSpecification['layout']>;

export interface StyleOptions {
  theme: Theme;
  layer: MapLayer;
  isolated: number | null;
  roadsVersion: number;
  hasValues: boolean;
  /** Whether any segment lacks a value: their layer draws every segment, so it is left out otherwise. */
  hasGaps: boolean;
}

/** The whole map: ground, water, parks and roads of the project in the window's colours; no outside tiles, fonts or images. */
export function mapStyle(options: StyleOptions): StyleSpecification {
  const ground = cssToken('ground');
  return {
    version: 8,
    sources: {
      [ROADS_SOURCE]: {
        type: 'vector',
        tiles: [`etalon://roads/${options.roadsVersion}/{z}/{x}/{y}`],
        minzoom: 4,
        maxzoom: 14,
      },
      selection: emptySource(),
      route: emptySource(),
      alternatives: emptySource(),
      isochrone: emptySource(),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': ground } },
      fill('water', cssToken('water')),
      fill('parks', cssToken('parks')),
      ...isochroneLayers(),
      ...roadLayers(options, ground),
      ...routeLayers(options.theme, ground),
    ],
  };
}

const emptySource = () => ({
  type: 'geojson' as const,
  data: { type: 'FeatureCollection' as const, features: [] },
});

const fill = (layer: string, color: string): LayerSpecification => ({
  id: layer,
  type: 'fill',
  source: ROADS_SOURCE,
  'source-layer': layer,
  paint: { 'fill-color': color },
});

/** A value by road class, interpolated over zoom. */
function byClass(value: (width: number, zoom: number) => number | Expression): DataDriven<number> {
  const stops = WIDTH_ZOOMS.flatMap((zoom) => [
    zoom,
    [
      'match',
      roadClass,
      ...Array.from({ length: ROAD_CLASS_COUNT - 1 }, (_, c) => [c, value(widthsAt(zoom)[c]!, zoom)]).flat(),
      value(widthsAt(zoom)[ROAD_CLASS_COUNT - 1]!, zoom),
    ],
  ]);
  return ['interpolate', ['linear'], ['zoom'], ...stops] as unknown as Expression;
}

const width = byClass((px) => px);
const casingWidth = byClass((px) => px + 3);
/** Directions part at z12: each lies to the right of the middle by half its width. */
const offset = byClass((px, zoom) =>
  zoom < 12 ? 0 : (['case', hasOpposite, px / 2 + 0.4, 0] as Expression),
);

function roadLayers(
  { theme, layer, isolated, hasValues, hasGaps }: StyleOptions,
  ground: string,
): LayerSpecification[] {
  const plain = cssToken('road-plain');
  const minor = cssToken('road-minor');
  const segments = { source: ROADS_SOURCE, 'source-layer': SEGMENTS, type: 'line' as const };
  // Round ends are worth their vertices only where lines are wide enough to show them.
  const layout: LineLayout = {
    'line-cap': ['step', ['zoom'], 'butt', 13, 'round'],
    'line-join': ['step', ['zoom'], 'miter', 13, 'round'],
    'line-sort-key': ['-', 0, roadClass],
  };
  const ramp: Expression = [
    'match',
    state,
    ...LAYERS[layer].ramp[theme].flatMap((color, k) => [
      k,
      isolated === null || isolated === k ? color : minor,
    ]),
    hasValues ? 'transparent' : plain,
  ] as unknown as Expression;
  return [
    {
      id: 'segments-grey',
      ...segments,
      filter: greyOnly,
      paint: {
        'line-color': minor,
        'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.5, 12, 1.1],
      },
    },
    {
      id: 'segments-casing',
      ...segments,
      minzoom: 12,
      filter: ['all', ['<=', roadClass, 4]],
      layout,
      paint: { 'line-color': ground, 'line-width': casingWidth, 'line-offset': offset },
    },
    {
      id: 'segments-plain',
      ...segments,
      filter: coloured,
      layout: { visibility: hasGaps ? 'visible' : 'none' },
      // Dashed and grey: no prediction is never the ramp's lowest colour.
      paint: {
        'line-color': plain,
        'line-width': width,
        'line-offset': offset,
        'line-dasharray': [2, 1.5],
        'line-opacity': ['match', state, NO_PREDICTION, isolated === null ? 1 : 0.4, 0],
      },
    },
    {
      id: 'segments-speed',
      ...segments,
      filter: coloured,
      layout,
      paint: { 'line-color': ramp, 'line-width': width, 'line-offset': offset },
    },
    {
      id: 'detectors',
      source: ROADS_SOURCE,
      'source-layer': SEGMENTS,
      type: 'circle',
      maxzoom: 14,
      filter: isDetector,
      paint: {
        'circle-color': ramp,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 2.5, 11, 4.5, 14, 7],
      },
    },
    {
      id: 'labels',
      source: ROADS_SOURCE,
      'source-layer': SEGMENTS,
      type: 'symbol',
      minzoom: 11,
      filter: ['all', labelled, named],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 420,
        'symbol-sort-key': roadClass,
        'text-field': ['get', 'n'],
        'text-font': FONT,
        'text-size': 10.5,
        'text-offset': [0, -1.15],
        'text-max-angle': 35,
        'text-padding': 8,
        'text-letter-spacing': 0.01,
      },
      paint: { 'text-color': cssToken('map-label'), 'text-halo-color': ground, 'text-halo-width': 3 },
    },
  ];
}

/** Bands lie on each other, so that the nearest is the darkest; roads stay above them. */
function isochroneLayers(): LayerSpecification[] {
  return [
    {
      id: 'isochrone-band',
      type: 'fill',
      source: 'isochrone',
      paint: { 'fill-color': cssToken('accent'), 'fill-opacity': BAND_OPACITY, 'fill-antialias': false },
    },
    {
      id: 'isochrone-edge',
      type: 'line',
      source: 'isochrone',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': cssToken('accent'), 'line-width': 1.2, 'line-opacity': 0.7 },
    },
  ];
}

function routeLayers(theme: Theme, ground: string): LayerSpecification[] {
  const accent = cssToken('accent');
  const round = { 'line-cap': 'round' as const, 'line-join': 'round' as const };
  const line = (
    id: string,
    source: string,
    color: DataDriven<string>,
    px: DataDriven<number>,
  ): LayerSpecification => ({
    id,
    type: 'line',
    source,
    layout: round,
    paint: { 'line-color': color, 'line-width': px },
  });
  return [
    {
      id: 'selection-ring',
      type: 'line',
      source: 'selection',
      layout: round,
      paint: {
        'line-color': accent,
        'line-width': 2,
        'line-gap-width': byClass((px) => px + 3),
        'line-offset': offset,
      },
    },
    line('alternative-edge', 'alternatives', cssToken('text-3'), 5),
    line('alternative-core', 'alternatives', ground, 2.6),
    line('route-halo', 'route', ground, 13),
    line('route-casing', 'route', accent, 10),
    {
      ...line('route-core', 'route', rampOf(theme), 4.2),
      layout: { 'line-cap': 'butt', 'line-join': 'round' },
    } as LayerSpecification,
  ];
}

/** Classes of an explained route begin here: its colours mean something else. */
export const EXPLAINED = 100;

const rampOf = (theme: Theme): Expression =>
  [
    'match',
    ['get', 'k'],
    ...SPEED_RAMP[theme].flatMap((color, k) => [k, color]),
    ...LATER_RAMP[theme].flatMap((color, k) => [EXPLAINED + k, color]),
    cssToken('road-plain'),
  ] as unknown as Expression;
