import { type Map as MapLibre, type MapMouseEvent, Marker } from 'maplibre-gl';
import type { ApiRouteAnswer, ApiSegmentInfo, Point } from '../api/types.ts';
import { SegmentColours } from '../map/colours.ts';
import { setLines } from '../map/lines.ts';
import { RATIO_BREAKS, speedClass } from '../map/ramp.ts';
import { addCredits, roadsMap } from '../map/roadsMap.ts';
import { coloured } from '../map/routeOnMap.ts';
import { HIT_LAYERS, ROADS_SOURCE, SEGMENTS } from '../map/style.ts';
import type { ScenarioMapValues, ScenarioView } from '../stores/scenarios.ts';
import { CHANGE_BREAKS } from './change.ts';
import {
  CLOSED_STATE,
  EDITED_STATE,
  LINKS_SOURCE,
  type ScenarioStyleOptions,
  scenarioStyle,
} from './scenarioStyle.ts';

const HIT_PX = 4;

/** What is drawn onto one of the two maps. */
interface Drawn {
  values: Float32Array | null;
  breaks: readonly number[];
  closed: readonly number[];
  edited: readonly number[];
  links: readonly { coordinates: Point[]; k: number }[];
  route: ApiRouteAnswer | null;
}

/** A map of the base case and one of the scenario over it, which move as one. */
export class TwoMaps {
  readonly maps: readonly [base: MapLibre, scenario: MapLibre];
  readonly #sides: readonly [Side, Side];
  #following = false;

  constructor(boxes: [HTMLElement, HTMLElement], bounds: [number, number, number, number] | null) {
    const what = 'Map of the scenario; arrow keys pan, plus and minus zoom, Enter opens the nearest segment';
    const [base, scenario] = [roadsMap(boxes[0], bounds, what), roadsMap(boxes[1], bounds, what)];
    addCredits(scenario);
    this.maps = [base, scenario];
    this.#sides = [new Side(base), new Side(scenario)];
    this.#follow(base, scenario);
    this.#follow(scenario, base);
  }

  style(options: Omit<ScenarioStyleOptions, 'difference'>, view: ScenarioView): void {
    this.#sides[0].style({ ...options, difference: false });
    this.#sides[1].style({ ...options, difference: view === 'difference' });
  }

  show(
    values: ScenarioMapValues | null,
    view: ScenarioView,
    route: { base: ApiRouteAnswer | null; scenario: ApiRouteAnswer | null } | null,
  ): void {
    const speeds = values?.speeds;
    const byChange = view === 'difference';
    this.#sides[0].draw({
      values: values?.base ?? null,
      breaks: RATIO_BREAKS,
      closed: [],
      edited: speeds?.edited ?? [],
      links: [],
      route: route?.base ?? null,
    });
    const closed = new Set(speeds?.closed);
    this.#sides[1].draw({
      values: (byChange ? values?.change : values && withoutClosed(values.scenario, closed)) ?? null,
      breaks: byChange ? CHANGE_BREAKS : RATIO_BREAKS,
      closed: speeds?.closed ?? [],
      edited: speeds?.edited ?? [],
      links: (speeds?.links ?? [])
        .filter(({ ratio }) => ratio > 0)
        .map(({ coordinates, ratio }) => ({ coordinates, k: byChange ? 3 : speedClass(ratio) })),
      route: route?.scenario ?? null,
    });
  }

  select(selected: ApiSegmentInfo | null): void {
    for (const side of this.#sides) side.select(selected);
  }

  /** Lettered ends of the route, and the ends of a link that is being drawn. */
  mark(ends: readonly { letter: string; point: Point }[]): void {
    for (const side of this.#sides) side.mark(ends);
  }

  onClick(handle: (point: Point, segment: number | null) => void): void {
    for (const map of this.maps)
      map.on('click', (event) => handle([event.lngLat.lng, event.lngLat.lat], segmentAt(map, event)));
  }

  onHover(handle: (hovered: { segment: number; name: string; x: number; y: number } | null) => void): void {
    for (const map of this.maps) {
      map.on('mousemove', (event) => {
        const found = map.isMoving() ? undefined : featureAt(map, event);
        const id = typeof found?.id === 'number' ? found.id : null;
        map.getCanvas().style.cursor = id === null ? '' : 'pointer';
        handle(
          id === null
            ? null
            : { segment: id, name: String(found?.properties.n ?? ''), x: event.point.x, y: event.point.y },
        );
      });
      map.on('mouseout', () => handle(null));
      map.on('movestart', () => handle(null));
    }
  }

  onEnter(handle: (centre: Point) => void): void {
    for (const map of this.maps)
      map.getCanvas().addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') return;
        const { lng, lat } = map.getCenter();
        handle([lng, lat]);
      });
  }

  remove(): void {
    for (const side of this.#sides) side.stop();
    for (const map of this.maps) map.remove();
  }

  #follow(leader: MapLibre, other: MapLibre): void {
    leader.on('move', () => {
      if (this.#following) return;
      this.#following = true;
      other.jumpTo({ center: leader.getCenter(), zoom: leader.getZoom() });
      this.#following = false;
    });
  }
}

/** One of the two maps, and what it was told. */
class Side {
  readonly #map: MapLibre;
  readonly #colours: SegmentColours;
  #applied = '';
  #ready = false;
  #drawn: Drawn | null = null;
  #selected: ApiSegmentInfo | null = null;
  #flagged: { id: number; state: string }[] = [];
  #shown: { values: Float32Array; breaks: readonly number[] } | null = null;
  #markers: Marker[] = [];

  constructor(map: MapLibre) {
    this.#map = map;
    this.#colours = new SegmentColours(map);
    map.on('style.load', () => {
      this.#ready = map.getSource(ROADS_SOURCE) !== undefined;
      this.#redraw();
    });
  }

  style(options: ScenarioStyleOptions): void {
    const key = JSON.stringify(options);
    if (key === this.#applied) return;
    // The first style has the roads' source, which what is drawn belongs to; later ones differ in paint alone.
    const diff = this.#applied !== '';
    this.#applied = key;
    this.#map.setStyle(scenarioStyle(options), { diff });
    if (diff) this.#redraw();
  }

  draw(drawn: Drawn): void {
    this.#drawn = drawn;
    this.#redraw();
  }

  select(selected: ApiSegmentInfo | null): void {
    this.#selected = selected;
    this.#redraw();
  }

  mark(ends: readonly { letter: string; point: Point }[]): void {
    for (const marker of this.#markers) marker.remove();
    this.#markers = ends.map(({ letter, point }) => {
      const element = document.createElement('div');
      element.className = 'route-end';
      element.textContent = letter;
      return new Marker({ element }).setLngLat(point).addTo(this.#map);
    });
  }

  stop(): void {
    this.#colours.stop();
    for (const marker of this.#markers) marker.remove();
  }

  #redraw(): void {
    if (!this.#ready || !this.#drawn) return;
    const { values, breaks, closed, edited, links, route } = this.#drawn;
    if (!values) this.#colours.forget();
    else if (this.#shown?.values !== values || this.#shown.breaks !== breaks)
      this.#colours.show(values, breaks);
    this.#shown = values && { values, breaks };
    this.#flag(closed, edited);
    setLines(this.#map, LINKS_SOURCE, links);
    setLines(this.#map, 'route', route ? coloured(route) : []);
    setLines(
      this.#map,
      'selection',
      this.#selected
        ? [{ coordinates: this.#selected.coordinates, c: 8, ...(this.#selected.oneway && { o: 1 }) }]
        : [],
    );
  }

  #flag(closed: readonly number[], edited: readonly number[]): void {
    const feature = (id: number) => ({ source: ROADS_SOURCE, sourceLayer: SEGMENTS, id });
    for (const { id, state } of this.#flagged) this.#map.setFeatureState(feature(id), { [state]: false });
    this.#flagged = [
      ...closed.map((id) => ({ id, state: CLOSED_STATE })),
      ...edited.map((id) => ({ id, state: EDITED_STATE })),
    ];
    for (const { id, state } of this.#flagged) this.#map.setFeatureState(feature(id), { [state]: true });
  }
}

/** Closed segments have a layer of their own. */
function withoutClosed(values: Float32Array, closed: ReadonlySet<number>): Float32Array {
  return values.map((value, id) => (closed.has(id) ? Number.NaN : value));
}

function featureAt(map: MapLibre, { point: { x, y } }: MapMouseEvent) {
  return map.queryRenderedFeatures(
    [
      [x - HIT_PX, y - HIT_PX],
      [x + HIT_PX, y + HIT_PX],
    ],
    { layers: HIT_LAYERS.filter((layer) => map.getLayer(layer)) },
  )[0];
}

function segmentAt(map: MapLibre, event: MapMouseEvent): number | null {
  const found = featureAt(map, event);
  return typeof found?.id === 'number' ? found.id : null;
}
