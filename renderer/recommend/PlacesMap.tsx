import { type Map as MapLibre, Marker } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import type { Point, RecommendedItem } from '../api/types.ts';
import { kilometres, minutes } from '../format/format.ts';
import { setLines } from '../map/lines.ts';
import { addCredits, roadsMap } from '../map/roadsMap.ts';
import { ZoomButtons } from '../map/ZoomButtons.tsx';
import { useMap } from '../stores/map.ts';
import { useRecommend, useSystem } from '../stores/recommend.ts';
import { PATH_SOURCE, supersegmentStyle } from '../supersegments/supersegmentStyle.ts';
import { useTheme } from '../theme/theme.ts';

/** Where the recommended items are, where the question was asked from, and the way there from the chosen one. */
export function PlacesMap({ id, items }: { id: string; items: readonly RecommendedItem[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre | null>(null);
  /** Another object for each style that has loaded: a new one starts without lines. */
  const [styled, setStyled] = useState<{ map: MapLibre } | null>(null);
  const { item: chosen, answered, answer, way, wayProblem } = useSystem(id);
  const theme = useTheme((state) => state.theme);
  const roadsVersion = useMap((state) => state.roadsVersion);
  const from = answer?.asked?.place ?? answered?.question.place ?? null;
  const key = items.map(({ item }) => item).join('\n');
  useEffect(() => {
    if (!box.current) return;
    const made = roadsMap(
      box.current,
      null,
      'Map of the recommended items; arrow keys pan, plus and minus zoom',
    );
    addCredits(made);
    setMap(made);
    return () => made.remove();
  }, []);
  useEffect(() => {
    if (!map) return;
    map.once('styledata', () => setStyled({ map }));
    map.setStyle(
      supersegmentStyle({ theme, roadsVersion, isolated: null, hasValues: false, hasGaps: false }),
      { diff: false },
    );
  }, [map, theme, roadsVersion]);
  useEffect(() => {
    if (styled) setLines(styled.map, PATH_SOURCE, way ? [{ coordinates: way.line }] : []);
  }, [styled, way]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: fitted again for another list
  useEffect(() => {
    if (map) showAll(map, [...items.flatMap(({ place }) => (place ? [place] : [])), ...(from ? [from] : [])]);
  }, [map, key]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again for another list or choice
  useEffect(() => {
    if (!map) return;
    const markers = items.flatMap((item, i) =>
      item.place ? [marker(id, item, i + 1, item.item === chosen)] : [],
    );
    if (from) markers.push(new Marker({ element: element('place-from', '') }).setLngLat(from));
    for (const one of markers) one.addTo(map);
    return () => {
      for (const one of markers) one.remove();
    };
  }, [map, key, chosen, from]);
  return (
    <section className="places-map" aria-label="Places of the items">
      <div className="map-box">
        <div ref={box} className="map-canvas" />
        {map && <ZoomButtons map={map} />}
        {way && (
          <p className="places-way" role="status">
            <i className="line-key accent" /> {minutes(60 * way.minutes)} min, {kilometres(1000 * way.km)} km
            by {way.by}
          </p>
        )}
        {wayProblem && (
          <p className="places-way" role="status">
            {wayProblem.message}
          </p>
        )}
      </div>
    </section>
  );
}

function showAll(map: MapLibre, points: readonly Point[]): void {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const bounds: [number, number, number, number] = [
    Math.min(...lons),
    Math.min(...lats),
    Math.max(...lons),
    Math.max(...lats),
  ];
  if (points.length > 0) map.fitBounds(bounds, { padding: 48, maxZoom: 15, duration: 0 });
}

function marker(id: string, { item, title, place }: RecommendedItem, rank: number, chosen: boolean): Marker {
  const button = element(chosen ? 'rank-mark chosen' : 'rank-mark', String(rank));
  button.title = title ?? item;
  button.addEventListener('click', () => void useRecommend.getState().select(id, item));
  return new Marker({ element: button }).setLngLat(place!);
}

function element(className: string, text: string): HTMLElement {
  const made = document.createElement('i');
  made.className = className;
  made.textContent = text;
  return made;
}
