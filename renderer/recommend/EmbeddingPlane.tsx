import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { linear, type Scale } from '../charts/scale.ts';
import { useWidth } from '../charts/useSize.ts';
import {
  colourAt,
  frameOf,
  legibleWords,
  nearestPoint,
  type PlanePoint,
  type View,
  zoomed,
} from './embeddingPlane.ts';

/** A node that stands out, with a word beside it. */
export interface PlaneMark {
  point: PlanePoint;
  text: string;
  kind: 'asked' | 'recommended' | 'found';
}

interface EmbeddingPlaneProps {
  points: readonly PlanePoint[];
  legend: readonly { value: string }[];
  /** 0: dots, else squares, by type of node. */
  shapes: ReadonlyMap<string, number>;
  marks: readonly PlaneMark[];
}

const HEIGHT = 520;
const DOT_PX = 2.6;
/** From a mark to its word. */
const WORD_PX = 9;
/** Nearer to the pointer than this is pointed at. */
const NEAR_PX = 10;
const KEY_STEP = 0.15;
const WHOLE: View = { x: 0, y: 0, zoom: 1 };

/** Points of a plane without axes, which can be zoomed and moved. */
export function EmbeddingPlane({ points, legend, shapes, marks }: EmbeddingPlaneProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const [view, setView] = useState<View>(WHOLE);
  const [hovered, setHovered] = useState<PlanePoint | null>(null);
  const isDrawn = width > 0;
  const dragged = useRef<{ x: number; y: number; view: View } | null>(null);
  // Not at every move of the pointer: they are of thousands of points.
  const frame = useMemo(() => frameOf(points), [points]);
  const perPx = (2 * frame.reach) / view.zoom / Math.max(1, Math.min(width, HEIGHT));
  const middle = { x: frame.x + view.x, y: frame.y + view.y };
  const x = linear([middle.x - (perPx * width) / 2, middle.x + (perPx * width) / 2], [0, width]);
  const y = linear([middle.y - (perPx * HEIGHT) / 2, middle.y + (perPx * HEIGHT) / 2], [HEIGHT, 0]);
  const colours = new Map(legend.map(({ value }, i) => [value, i]));
  const words = marks.map(({ point, text }) => ({ x: x(point.x) + WORD_PX, y: y(point.y), text }));
  const legible = legibleWords(words);

  const zoomAt = (factor: number, at = middle) =>
    setView((before) => zoomed(before, factor, { x: at.x - frame.x, y: at.y - frame.y }));
  const latest = useRef({ zoomAt, x, y });
  latest.current = { zoomAt, x, y };
  // React listens to the wheel passively: the page would scroll too.
  useEffect(() => {
    const element = isDrawn ? svg.current : null;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const at = element.getBoundingClientRect();
      const { zoomAt: zoom, x: toX, y: toY } = latest.current;
      zoom(event.deltaY < 0 ? 1.25 : 0.8, {
        x: toX.invert(event.clientX - at.left),
        y: toY.invert(event.clientY - at.top),
      });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [isDrawn]);

  const move = (dx: number, dy: number) =>
    setView((before) => ({
      ...before,
      x: before.x + (dx * frame.reach) / before.zoom,
      y: before.y + (dy * frame.reach) / before.zoom,
    }));
  const onKey = (event: React.KeyboardEvent) => {
    const act: Record<string, () => void> = {
      '+': () => zoomAt(1.5),
      '=': () => zoomAt(1.5),
      '-': () => zoomAt(1 / 1.5),
      0: () => setView(WHOLE),
      ArrowLeft: () => move(-KEY_STEP, 0),
      ArrowRight: () => move(KEY_STEP, 0),
      ArrowUp: () => move(0, KEY_STEP),
      ArrowDown: () => move(0, -KEY_STEP),
    };
    const chosen = act[event.key];
    if (!chosen || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    chosen();
  };
  const onMove = (event: React.PointerEvent<SVGSVGElement>) => {
    const start = dragged.current;
    if (start) {
      setView({
        ...start.view,
        x: start.view.x - (event.clientX - start.x) * perPx,
        y: start.view.y + (event.clientY - start.y) * perPx,
      });
      return;
    }
    const at = event.currentTarget.getBoundingClientRect();
    const place = { x: x.invert(event.clientX - at.left), y: y.invert(event.clientY - at.top) };
    setHovered(nearestPoint(points, place, NEAR_PX * perPx));
  };
  return (
    <div ref={box} className="embedding-plane">
      {isDrawn && (
        <svg
          ref={svg}
          width={width}
          height={HEIGHT}
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved by keys
          tabIndex={0}
          aria-label={`Map of ${points.length} nodes`}
          onKeyDown={onKey}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            dragged.current = { x: event.clientX, y: event.clientY, view };
            setHovered(null);
          }}
          onPointerUp={() => {
            dragged.current = null;
          }}
          onPointerMove={onMove}
          onPointerLeave={() => setHovered(null)}
        >
          <Dots points={points} colours={colours} shapes={shapes} x={x} y={y} view={view} width={width} />
          {marks.map(({ point, text, kind }, i) => (
            <g key={`${kind} ${point.type} ${point.id}`}>
              <circle
                className={kind === 'asked' ? 'plane-ring asked' : 'plane-ring'}
                cx={x(point.x)}
                cy={y(point.y)}
                r={kind === 'asked' ? 7 : 5}
              />
              {legible[i] && (
                <text className="plane-word" x={words[i]!.x} y={words[i]!.y} dy="0.35em">
                  {text}
                </text>
              )}
            </g>
          ))}
          {hovered && <circle className="plane-hover" cx={x(hovered.x)} cy={y(hovered.y)} r={DOT_PX + 3} />}
        </svg>
      )}
      <div className="row embedding-foot">
        <span className="secondary embedding-hovered" aria-live="polite">
          {hovered
            ? `${hovered.type} ${hovered.name}${hovered.name === hovered.id ? '' : ` (${hovered.id})`}${hovered.value !== null && hovered.value !== hovered.type ? ` · ${hovered.value}` : ''}`
            : ' '}
        </span>
        {view !== WHOLE && (
          <button type="button" className="button small" onClick={() => setView(WHOLE)}>
            Whole map
          </button>
        )}
      </div>
    </div>
  );
}

interface DotsProps {
  points: readonly PlanePoint[];
  colours: ReadonlyMap<string, number>;
  shapes: ReadonlyMap<string, number>;
  x: Scale;
  y: Scale;
  view: View;
  width: number;
}

/** Thousands of marks: drawn anew when they move or change colour, not at each move of the pointer. */
const Dots = memo(
  function Dots({ points, colours, shapes, x, y }: DotsProps) {
    return (
      <g className="plane-dots">
        {points.map((point) => {
          const fill = colourAt(point.value === null ? -1 : (colours.get(point.value) ?? -1));
          const key = `${point.type} ${point.id}`;
          return shapes.get(point.type) === 0 ? (
            <circle key={key} cx={x(point.x)} cy={y(point.y)} r={DOT_PX} fill={fill} />
          ) : (
            <rect
              key={key}
              x={x(point.x) - DOT_PX}
              y={y(point.y) - DOT_PX}
              width={2 * DOT_PX}
              height={2 * DOT_PX}
              fill={fill}
            />
          );
        })}
      </g>
    );
  },
  (before, after) =>
    before.points === after.points && before.view === after.view && before.width === after.width,
);
