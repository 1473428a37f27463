import { type GeoJSONSource, Map as MapLibre, type MapMouseEvent } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import type { Point } from '../api/types.ts';
import { useExplain } from '../stores/explain.ts';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useRoute } from '../stores/route.ts';
import { useShell } from '../stores/shell.ts';
import { reducedMotion, useTheme } from '../theme/theme.ts';
import { useSegmentColours } from './colours.ts';
import { HoverCard, type Hovered } from './HoverCard.tsx';
import { useIsochroneDrawing } from './isochroneOnMap.ts';
import { addCredits } from './roadsMap.ts';
import { RouteOnMap } from './routeOnMap.ts';
import { setSeenMap } from './seen.ts';
import { HIT_LAYERS, mapStyle } from './style.ts';
import { serveTiles } from './tiles.ts';
import { ZoomButtons } from './ZoomButtons.tsx';

const HIT_PX = 4;

export function MapView() {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre | null>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const placing = useRoute((state) => state.placing);
  const { shown, roadsVersion } = useMap();

  useEffect(() => {
    if (!box.current) return;
    const made = createMap(box.current);
    // Nothing is drawn onto a map before its style is there.
    made.once('style.load', () => setMap(made));
    setSeenMap(made);
    return () => {
      setSeenMap(null);
      setMap(null);
      made.remove();
    };
  }, []);

  useStyle(map);
  useSegmentColours(map, shown, roadsVersion);
  useSelection(map);
  useRouteDrawing(map);
  useIsochroneDrawing(map);
  useFlights(map);
  usePointer(map, setHovered);

  return (
    <div className="map-box">
      <div ref={box} className="map-canvas" />
      {hovered && !placing && <HoverCard hovered={hovered} shown={shown} />}
      {placing && (
        <p className="map-hint" role="status">
          Click the map to set {placing === 'a' ? 'the start, A' : 'the end, B'}. Esc cancels.
        </p>
      )}
      {map && <ZoomButtons map={map} />}
    </div>
  );
}

function createMap(container: HTMLElement): MapLibre {
  serveTiles();
  const { project } = useProject.getState();
  const map = new MapLibre({
    container,
    style: mapStyle(styleOptions()),
    ...(project?.bounds && { bounds: project.bounds, fitBoundsOptions: { padding: 24 } }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 18,
    minZoom: 4,
    fadeDuration: 120,
    locale: {
      'Map.Title':
        'Map of road segments; arrow keys pan, plus and minus zoom, Enter opens the nearest segment',
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  addCredits(map);
  // Made while another tab shows, it has no size to fit the roads to: the flight waits until it has.
  if (container.clientWidth > 0) useMap.setState({ flight: null });
  return map;
}

const styleOptions = () => {
  const { isolated, roadsVersion, shown } = useMap.getState();
  return {
    theme: useTheme.getState().theme,
    layer: shown?.layer ?? 'speed',
    isolated,
    roadsVersion,
    hasValues: shown !== null,
    hasGaps: shown?.hasGaps ?? false,
  };
};

/** Restyles on a change of theme, layer, class or roads; what has not changed is left as it is. */
function useStyle(map: MapLibre | null): void {
  const theme = useTheme((state) => state.theme);
  const isolated = useMap((state) => state.isolated);
  const roadsVersion = useMap((state) => state.roadsVersion);
  const layer = useMap((state) => state.shown?.layer ?? 'speed');
  const hasValues = useMap((state) => state.shown !== null);
  const hasGaps = useMap((state) => state.shown?.hasGaps ?? false);
  const options = { theme, layer, isolated, roadsVersion, hasValues, hasGaps };
  const latest = useRef(options);
  latest.current = options;
  const key = JSON.stringify(options);
  const applied = useRef('');
  useEffect(() => {
    if (!map) return;
    if (applied.current && applied.current !== key) map.setStyle(mapStyle(latest.current), { diff: true });
    applied.current = key;
  }, [map, key]);
}

function useSelection(map: MapLibre | null): void {
  const selected = useMap((state) => state.selected);
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new style starts with empty sources
  useEffect(() => {
    const source = map?.getSource<GeoJSONSource>('selection');
    source?.setData({
      type: 'FeatureCollection',
      features: selected
        ? [
            {
              type: 'Feature',
              properties: { c: CLASS_INDEX[selected.roadClass] ?? 8, ...(selected.oneway && { o: 1 }) },
              geometry: { type: 'LineString', coordinates: selected.coordinates },
            },
          ]
        : [],
    });
  }, [map, selected, theme]);
}

const CLASS_INDEX: Readonly<Record<string, number>> = {
  motorway: 0,
  trunk: 1,
  primary: 2,
  secondary: 3,
  tertiary: 4,
  unclassified: 5,
  residential: 6,
  living_street: 7,
  service: 8,
};

function useRouteDrawing(map: MapLibre | null): void {
  useEffect(() => {
    if (!map) return;
    const drawing = new RouteOnMap(map);
    drawing.update(useRoute.getState());
    const stop = useRoute.subscribe((state) => drawing.update(state));
    const stopExplained = useExplain.subscribe(() => drawing.update(useRoute.getState()));
    const restyled = () => drawing.redraw(useRoute.getState());
    map.on('style.load', restyled);
    return () => {
      stop();
      stopExplained();
      map.off('style.load', restyled);
      drawing.remove();
    };
  }, [map]);
}

function useFlights(map: MapLibre | null): void {
  const flight = useMap((state) => state.flight);
  const shown = useShell((state) => state.tab === 'map');
  useEffect(() => {
    if (!map || !flight || !shown) return;
    map.resize();
    const duration = reducedMotion() ? 0 : 600;
    if (flight.bounds) map.fitBounds(flight.bounds, { padding: 40, duration });
    else if (flight.center)
      map.flyTo({ center: flight.center, zoom: Math.max(map.getZoom(), 14.5), duration });
    useMap.setState({ flight: null });
  }, [map, flight, shown]);
}

function usePointer(map: MapLibre | null, setHovered: (hovered: Hovered | null) => void): void {
  useEffect(() => {
    if (!map) return;
    let frame = 0;
    const segmentAt = ({ point: { x, y } }: MapMouseEvent) =>
      map.queryRenderedFeatures(
        [
          [x - HIT_PX, y - HIT_PX],
          [x + HIT_PX, y + HIT_PX],
        ],
        { layers: HIT_LAYERS },
      )[0];

    const move = (event: MapMouseEvent) => {
      const { lng, lat } = event.lngLat;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        useMap.setState({ cursor: [lng, lat] });
        if (map.isMoving()) return setHovered(null);
        const found = segmentAt(event);
        const id = typeof found?.id === 'number' ? found.id : null;
        map.getCanvas().style.cursor = useRoute.getState().placing
          ? 'crosshair'
          : id === null
            ? ''
            : 'pointer';
        useExplain.getState().point(id);
        setHovered(
          id === null
            ? null
            : { segment: id, name: String(found?.properties.n ?? ''), x: event.point.x, y: event.point.y },
        );
      });
    };
    const leave = () => {
      cancelAnimationFrame(frame);
      useExplain.getState().point(null);
      setHovered(null);
    };
    const click = (event: MapMouseEvent) => {
      const point: Point = [event.lngLat.lng, event.lngLat.lat];
      if (useRoute.getState().clickAt(point)) return;
      const found = segmentAt(event);
      void useMap.getState().select(typeof found?.id === 'number' ? found.id : null);
    };
    const moved = () => useMap.setState({ zoom: map.getZoom() });
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Enter') return;
      const { lng, lat } = map.getCenter();
      const { placing, clickAt } = useRoute.getState();
      if (placing) clickAt([lng, lat]);
      else void useMap.getState().selectNearest([lng, lat], 2_000);
    };

    moved();
    map.on('mousemove', move);
    map.on('mouseout', leave);
    map.on('movestart', leave);
    map.on('click', click);
    map.on('zoom', moved);
    map.getCanvas().addEventListener('keydown', key);
    return () => {
      cancelAnimationFrame(frame);
      map.off('mousemove', move);
      map.off('mouseout', leave);
      map.off('movestart', leave);
      map.off('click', click);
      map.off('zoom', moved);
      map.getCanvas()?.removeEventListener('keydown', key);
    };
  }, [map, setHovered]);
}
