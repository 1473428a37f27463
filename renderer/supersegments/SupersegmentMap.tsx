import type { Map as MapLibre } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import { useSegmentColours } from '../map/colours.ts';
import { HoverCard, type Hovered } from '../map/HoverCard.tsx';
import { LayerLegend } from '../map/Legend.tsx';
import { setLines } from '../map/lines.ts';
import { addCredits, roadsMap } from '../map/roadsMap.ts';
import { HIT_LAYERS } from '../map/style.ts';
import { ZoomButtons } from '../map/ZoomButtons.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { reducedMotion, useTheme } from '../theme/theme.ts';
import { AROUND_SOURCE, PATH_SOURCE, supersegmentStyle } from './supersegmentStyle.ts';

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
  const { shown, detail } = useSupersegments();
  const roadsVersion = useMap((state) => state.roadsVersion);
  const [isolated, setIsolated] = useState<number | null>(null);
  const styled = useStyle(map, isolated);
  useSegmentColours(styled, shown, roadsVersion);
  useSelected(styled);
  return (
    <div className="map-box">
      <div ref={box} className="map-canvas" />
      {hovered && <HoverCard hovered={hovered} shown={shown} />}
      {shown && (
        <LayerLegend
          shown={shown}
          isolated={isolated}
          isolate={(k) => setIsolated(k === isolated ? null : k)}
        >
          {detail && <SelectedKeys />}
        </LayerLegend>
      )}
      {map && <ZoomButtons map={map} />}
    </div>
  );
}

/** The map once it has the roads; a change of theme or of the class shown alone restyles it. */
function useStyle(map: MapLibre | null, isolated: number | null): MapLibre | null {
  const theme = useTheme((state) => state.theme);
  const roadsVersion = useMap((state) => state.roadsVersion);
  const hasValues = useSupersegments((state) => state.shown !== null);
  const hasGaps = useSupersegments((state) => state.shown?.hasGaps ?? false);
  const [styled, setStyled] = useState<MapLibre | null>(null);
  const before = useRef(false);
  useEffect(() => {
    if (!map) return;
    map.once('styledata', () => setStyled(map));
    const style = supersegmentStyle({ theme, roadsVersion, isolated, hasValues, hasGaps });
    map.setStyle(style, { diff: before.current });
    before.current = true;
  }, [map, theme, roadsVersion, isolated, hasValues, hasGaps]);
  return styled;
}

function useSelected(map: MapLibre | null): void {
  const detail = useSupersegments((state) => state.detail);
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new style starts with empty sources
  useEffect(() => {
    if (!map) return;
    setLines(map, PATH_SOURCE, detail ? [{ coordinates: detail.coordinates }] : []);
    setLines(map, AROUND_SOURCE, detail?.extended.map(({ coordinates }) => ({ coordinates })) ?? []);
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

function SelectedKeys() {
  return (
    <p className="note supersegment-keys">
      <span>
        <i className="line-key accent" /> selected
      </span>
      <span>
        <i className="supersegment-around-key" /> around it
      </span>
    </p>
  );
}
