import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import type { Point } from '../api/types.ts';
import { SegmentColours } from '../map/colours.ts';
import { addCredits, roadsMap } from '../map/roadsMap.ts';
import { HIT_LAYERS } from '../map/style.ts';
import { ZoomButtons } from '../map/ZoomButtons.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { reducedMotion, useTheme } from '../theme/theme.ts';
import { CoverageLegend } from './CoverageLegend.tsx';
import { coverageText } from './coverage.ts';
import { AROUND_SOURCE, PATH_SOURCE, supersegmentStyle } from './supersegmentStyle.ts';

interface Hovered {
  segment: number;
  name: string;
  x: number;
  y: number;
}

/** Coverage of the network, and the selected supersegment on it. */
export function SupersegmentMap() {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre | null>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);
  useEffect(() => {
    if (!box.current) return;
    const bounds = useProject.getState().project?.bounds ?? null;
    const made = roadsMap(
      box.current,
      bounds,
      'Map of the coverage by supersegments; arrow keys pan, plus and minus zoom',
    );
    addCredits(made);
    listen(made, setHovered);
    setMap(made);
    return () => made.remove();
  }, []);
  const styled = useStyle(map);
  useCoverage(styled);
  useSelected(styled);
  return (
    <div className="map-box">
      <div ref={box} className="map-canvas" />
      {hovered && <CoverageCard hovered={hovered} />}
      <CoverageLegend />
      {map && <ZoomButtons map={map} />}
    </div>
  );
}

/** The map once it has the roads; a change of theme restyles it. */
function useStyle(map: MapLibre | null): MapLibre | null {
  const theme = useTheme((state) => state.theme);
  const roadsVersion = useMap((state) => state.roadsVersion);
  const hasValues = useSupersegments((state) => state.times !== null);
  const [styled, setStyled] = useState<MapLibre | null>(null);
  const before = useRef(false);
  useEffect(() => {
    if (!map) return;
    map.once('styledata', () => setStyled(map));
    map.setStyle(supersegmentStyle({ theme, roadsVersion, hasValues }), { diff: before.current });
    before.current = true;
  }, [map, theme, roadsVersion, hasValues]);
  return styled;
}

function useCoverage(map: MapLibre | null): void {
  const { times, catalogue } = useSupersegments();
  const colours = useRef<SegmentColours | null>(null);
  useEffect(() => {
    if (!map) return;
    const made = new SegmentColours(map);
    colours.current = made;
    return () => made.stop();
  }, [map]);
  useEffect(() => {
    if (!map) return;
    if (times && catalogue) colours.current?.show(times, catalogue.breaks);
    else colours.current?.forget();
  }, [map, times, catalogue]);
}

function useSelected(map: MapLibre | null): void {
  const detail = useSupersegments((state) => state.detail);
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new style starts with empty sources
  useEffect(() => {
    if (!map) return;
    setLines(map, PATH_SOURCE, detail ? [detail.coordinates] : []);
    setLines(map, AROUND_SOURCE, detail?.extended.map(({ coordinates }) => coordinates) ?? []);
  }, [map, detail, theme]);
  useEffect(() => {
    if (!map || !detail) return;
    const lons = detail.coordinates.map(([lon]) => lon);
    const lats = detail.coordinates.map(([, lat]) => lat);
    map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], {
      padding: 80,
      maxZoom: 15.5,
      duration: reducedMotion() ? 0 : 600,
    });
  }, [map, detail]);
}

function setLines(map: MapLibre, source: string, lines: readonly Point[][]): void {
  map.getSource<GeoJSONSource>(source)?.setData({
    type: 'FeatureCollection',
    features: lines.map((coordinates) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'LineString', coordinates },
    })),
  });
}

function listen(map: MapLibre, setHovered: (hovered: Hovered | null) => void): void {
  map.on('mousemove', ({ point }) => {
    const layers = HIT_LAYERS.filter((layer) => map.getLayer(layer));
    const found = map.isMoving() ? undefined : map.queryRenderedFeatures(point, { layers })[0];
    const segment = typeof found?.id === 'number' ? found.id : null;
    setHovered(
      segment === null ? null : { segment, name: String(found?.properties.n ?? ''), x: point.x, y: point.y },
    );
  });
  map.on('mouseout', () => setHovered(null));
  map.on('movestart', () => setHovered(null));
}

function CoverageCard({ hovered: { segment, name, x, y } }: { hovered: Hovered }) {
  const times = useSupersegments((state) => state.times);
  if (!times) return null;
  return (
    <div className="hover-card" style={{ left: x, top: y }} aria-hidden>
      <p>
        <b>{name || 'Unnamed road'}</b>
      </p>
      <p className="secondary">{coverageText(times[segment] ?? Number.NaN)}</p>
    </div>
  );
}
