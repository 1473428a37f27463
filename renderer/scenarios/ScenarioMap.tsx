import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import { signed } from '../format/format.ts';
import { ZoomButtons } from '../map/ZoomButtons.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useRoute } from '../stores/route.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { useTheme } from '../theme/theme.ts';
import { ScenarioLegend } from './ScenarioLegend.tsx';
import { TwoMaps } from './twoMaps.ts';

interface Hovered {
  segment: number;
  name: string;
  x: number;
  y: number;
}

/** Base case and scenario on two maps, parted by a slider; or the difference on one. */
export function ScenarioMap() {
  const baseBox = useRef<HTMLDivElement>(null);
  const scenarioBox = useRef<HTMLDivElement>(null);
  const [maps, setMaps] = useState<TwoMaps | null>(null);
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const { view, slider, drawing } = useScenarios();
  const placing = useRoute((state) => state.placing);

  useEffect(() => {
    if (!baseBox.current || !scenarioBox.current) return;
    const bounds = useProject.getState().project?.bounds ?? null;
    const made = new TwoMaps([baseBox.current, scenarioBox.current], bounds);
    listen(made, setHovered);
    setMaps(made);
    return () => made.remove();
  }, []);

  useDrawing(maps);
  const left = view === 'slider' ? `${100 * slider}%` : '0';
  const hint = drawing
    ? `Click where the link ${drawing.length === 0 ? 'begins' : 'ends'}: at a junction.`
    : placing
      ? `Click the map to set ${placing === 'a' ? 'the start, A' : 'the end, B'}. Esc cancels.`
      : null;
  return (
    <div className="map-box">
      <div ref={baseBox} className="map-canvas" inert={view === 'difference'} />
      <div
        ref={scenarioBox}
        className="map-canvas scenario-canvas"
        style={{ clipPath: `inset(0 0 0 ${left})` }}
      />
      {view === 'slider' && <Slider />}
      {hint && (
        <p className="map-hint" role="status">
          {hint}
        </p>
      )}
      {hovered && !hint && <ChangeCard hovered={hovered} />}
      <ScenarioLegend />
      {maps && <ZoomButtons map={maps.maps[1]} />}
    </div>
  );
}

function useDrawing(maps: TwoMaps | null): void {
  const { values, view, route, selected, drawing } = useScenarios();
  const roadsVersion = useMap((state) => state.roadsVersion);
  const theme = useTheme((state) => state.theme);
  const { a, b } = useRoute();
  const hasValues = values !== null;
  const ends = useMemo(
    () => [
      ...(a ? [{ letter: 'A', point: a.point }] : []),
      ...(b ? [{ letter: 'B', point: b.point }] : []),
      ...(drawing ?? []).map((point) => ({ letter: '+', point })),
    ],
    [a, b, drawing],
  );
  useEffect(() => {
    maps?.style({ theme, roadsVersion, hasValues }, view);
  }, [maps, theme, roadsVersion, hasValues, view]);
  useEffect(() => maps?.show(values, view, route), [maps, values, view, route]);
  useEffect(() => maps?.select(selected), [maps, selected]);
  useEffect(() => maps?.mark(ends), [maps, ends]);
}

function listen(maps: TwoMaps, setHovered: (hovered: Hovered | null) => void): void {
  maps.onHover(setHovered);
  maps.onEnter((centre) => void useScenarios.getState().selectNearest(centre));
  maps.onClick((point, segment) => {
    const { drawing, draw, add, select } = useScenarios.getState();
    if (drawing?.length === 0) return draw([point]);
    if (drawing?.[0]) {
      draw(null);
      const link = { roadClass: 'secondary', kmh: 50, lanes: 1, oneway: false } as const;
      return add({ kind: 'newLink', from: drawing[0], to: point, ...link });
    }
    if (useRoute.getState().clickAt(point)) return;
    void select(segment);
  });
}

/** The line between the two maps: drag it, or move it with the arrow keys. */
function Slider() {
  const { slider, setSlider } = useScenarios();
  const percent = Math.round(100 * slider);
  return (
    <div
      className="map-slider"
      role="slider"
      tabIndex={0}
      aria-label="Base case to the left, scenario to the right"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      style={{ left: `${100 * slider}%` }}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -0.05 : event.key === 'ArrowRight' ? 0.05 : 0;
        if (by) setSlider(slider + by);
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const box = event.currentTarget.parentElement?.getBoundingClientRect();
        if (box) setSlider((event.clientX - box.left) / box.width);
      }}
    >
      <span className="slider-side base">Base</span>
      <span className="slider-grip" />
      <span className="slider-side">Scenario</span>
    </div>
  );
}

/** Beside the pointer, on the side where there is room. */
function cardPlace(x: number, y: number): React.CSSProperties {
  const flip = x > (document.querySelector('.scenario-canvas')?.clientWidth ?? 0) - 280;
  return { left: flip ? x - 278 : x, top: y };
}

function ChangeCard({ hovered: { segment, name, x, y } }: { hovered: Hovered }) {
  const values = useScenarios((state) => state.values);
  if (!values) return null;
  const closed = values.speeds.closed.includes(segment);
  const change = values.change[segment] ?? Number.NaN;
  const ratio = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '—' : value.toFixed(2);
  return (
    <div className="hover-card" style={cardPlace(x, y)} aria-hidden>
      <p>
        <b>{name || 'Unnamed road'}</b>
      </p>
      <dl>
        <dt>Speed ÷ free flow, base</dt>
        <dd>{ratio(values.base[segment])}</dd>
        <dt>in the scenario</dt>
        <dd className="strong">{closed ? 'closed' : ratio(values.scenario[segment])}</dd>
        {!closed && !Number.isNaN(change) && (
          <>
            <dt>Travel time</dt>
            <dd className="strong">{signed(100 * change, 1)} %</dd>
          </>
        )}
      </dl>
    </div>
  );
}
