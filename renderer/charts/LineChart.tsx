import { type ReactNode, useId, useMemo } from 'react';
import { linear, niceRange, type Scale, spreadLabels, ticks } from './scale.ts';
import { useWidth } from './useSize.ts';

export type XY = readonly [number, number];

export interface Series {
  name: string;
  points: readonly XY[];
  /** A CSS colour. */
  color: string;
  width?: number;
  dash?: string;
  /** Written at the line's end; absent = not named there. */
  endLabel?: string;
  faint?: boolean;
}

export interface LineChartProps {
  label: string;
  height: number;
  series: readonly Series[];
  /** 80 % band: the same x values with low and high. */
  band?: { color: string; points: readonly (readonly [number, number, number])[] };
  /** Horizontal reference lines with a name at their right end. */
  rules?: readonly { y: number; label: string; color?: string }[];
  xDomain?: readonly [number, number];
  yDomain?: readonly [number, number];
  xTicks?: readonly number[];
  yTickCount?: number;
  yTicks?: readonly number[];
  xFormat(x: number): string;
  yFormat(y: number): string;
  xUnit?: string;
  /** Space at the right for names of lines. */
  rightPx?: number;
  leftPx?: number;
  /** A vertical line with a label on top. */
  cursor?: { x: number; label?: string; points?: readonly { y: number; color: string }[] } | null;
  onHover?(x: number | null): void;
  /** More marks, drawn in the chart's own coordinates. */
  children?(x: Scale, y: Scale, size: { width: number; bottom: number }): ReactNode;
  bottomPx?: number;
}

const TOP = 8;
/** How much of the height a name at the side takes. */
const NAME_PX = 13;
/** Below a chart: numbers, and the unit under them. */
const TWO_LINES_PX = 34;
/** Lone points at the ends of the axis are drawn whole. */
const DOT_PX = 4;

/** Lines over a common x, as SVG: sharp, in the page's own fonts and colours, and readable by assistive tools. */
export function LineChart(props: LineChartProps) {
  const { height, series, band, rules = [], rightPx = 8, leftPx = 34, bottomPx = 20, yTickCount = 4 } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const clip = useId();
  const ranges = useMemo(() => domains(props), [props]);
  const right = Math.max(leftPx + 20, width - rightPx);
  const bottom = height - bottomPx;
  const x = linear(ranges.x, [leftPx, right]);
  const y = linear(ranges.y, [bottom, TOP]);
  const xTicks = props.xTicks ?? ticks(ranges.x[0], ranges.x[1], Math.max(2, (right - leftPx) / 48));
  const yTicks = props.yTicks ?? scaleTicks(ranges.y, yTickCount);
  // Under the ticks where there is room, else in the place of the last one.
  const unitBelow = bottomPx >= TWO_LINES_PX;
  const tickY = unitBelow ? bottom + 15 : height - 5;
  const names = [
    ...rules.map((rule) => ({
      text: rule.label,
      y: y(rule.y),
      x: right + 6,
      color: rule.color,
      bold: false,
    })),
    ...series
      .filter((line) => line.endLabel && line.points.length > 0)
      .map((line) => {
        const [endX, endY] = line.points.at(-1)!;
        return { text: line.endLabel!, y: y(endY), x: x(endX) + 6, color: line.color, bold: true };
      }),
  ];
  const nameY = spreadLabels(
    names.map((name) => name.y),
    names.map(() => NAME_PX),
    [TOP - NAME_PX / 2, bottom + NAME_PX / 2],
  );

  const hover = (event: React.PointerEvent<SVGSVGElement>) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    props.onHover?.(Math.min(ranges.x[1], Math.max(ranges.x[0], x.invert(at))));
  };

  return (
    <div ref={box} className="line-chart">
      {width > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={props.label}
          onPointerMove={props.onHover && hover}
          onPointerLeave={props.onHover && (() => props.onHover?.(null))}
        >
          <clipPath id={clip}>
            <rect x={leftPx - DOT_PX} y={0} width={right - leftPx + 2 * DOT_PX} height={bottom + 1} />
          </clipPath>
          <g className="chart-grid">
            {yTicks.map((value) => (
              <g key={value}>
                <line x1={leftPx} x2={right} y1={y(value)} y2={y(value)} />
                <text x={leftPx - 8} y={y(value)} dy="0.35em" textAnchor="end">
                  {props.yFormat(value)}
                </text>
              </g>
            ))}
            {xTicks
              .filter((value) => unitBelow || !props.xUnit || x(value) < right - props.xUnit.length * 6 - 14)
              .map((value) => (
                <text key={value} x={x(value)} y={tickY} textAnchor="middle">
                  {props.xFormat(value)}
                </text>
              ))}
            {props.xUnit && (
              <text x={right} y={height - 5} textAnchor="end" className="chart-unit">
                {props.xUnit}
              </text>
            )}
          </g>
          <g clipPath={`url(#${clip})`}>
            {band && (
              <path
                className="chart-band"
                d={`${path(
                  band.points.map(([px, low]) => [px, low]),
                  x,
                  y,
                )}${path(
                  band.points.toReversed().map(([px, , high]) => [px, high]),
                  x,
                  y,
                ).replace('M', 'L')}Z`}
                fill={band.color}
              />
            )}
            {rules.map((rule) => (
              <line
                key={rule.label}
                x1={leftPx}
                x2={right}
                y1={y(rule.y)}
                y2={y(rule.y)}
                stroke={rule.color ?? 'var(--baseline)'}
                strokeDasharray="4 3"
              />
            ))}
            {series.map((line) => (
              <g key={line.name} fill={line.color} opacity={line.faint ? 0.35 : 1}>
                {lonePoints(line.points).map(([px, py]) => (
                  <circle key={px} cx={x(px)} cy={y(py)} r={(line.width ?? 1.8) + 0.6} />
                ))}
              </g>
            ))}
            {series.map((line) => (
              <path
                key={line.name}
                d={path(line.points, x, y)}
                fill="none"
                stroke={line.color}
                strokeWidth={line.width ?? 1.8}
                strokeDasharray={line.dash}
                strokeLinejoin="round"
                opacity={line.faint ? 0.35 : 1}
              />
            ))}
          </g>
          {names.map((name, i) => (
            <text
              key={name.text}
              x={name.x}
              y={nameY[i]}
              dy="0.35em"
              className={name.bold ? 'chart-name bold' : 'chart-name'}
              fill={name.color ?? 'var(--text-3)'}
            >
              {name.text}
            </text>
          ))}
          {props.children?.(x, y, { width, bottom })}
          {props.cursor && (
            <Cursor cursor={props.cursor} x={x} y={y} bottom={bottom} left={leftPx} right={right} />
          )}
        </svg>
      )}
    </div>
  );
}

/** A single number on an axis says nothing of its scale. */
function scaleTicks([low, high]: readonly [number, number], count: number): readonly number[] {
  const found = ticks(low, high, count);
  return found.length > 1 ? found : ticks(low, high, 2 * count);
}

interface CursorProps {
  cursor: NonNullable<LineChartProps['cursor']>;
  x: Scale;
  y: Scale;
  bottom: number;
  left: number;
  right: number;
}

function Cursor({ cursor, x, y, bottom, left, right }: CursorProps) {
  const at = x(cursor.x);
  const atRight = at > (left + right) / 2;
  return (
    <g className="chart-cursor">
      <line x1={at} x2={at} y1={4} y2={bottom} />
      {cursor.points?.map((point) => (
        <circle key={point.color + point.y} cx={at} cy={y(point.y)} r={4} fill={point.color} />
      ))}
      {cursor.label && (
        <text x={atRight ? at - 6 : at + 6} y={10} textAnchor={atRight ? 'end' : 'start'}>
          {cursor.label}
        </text>
      )}
    </g>
  );
}

/** Values with none beside them make no line: they are drawn as dots. */
function lonePoints(points: readonly XY[]): readonly XY[] {
  const isKnown = (i: number) => Number.isFinite(points[i]?.[1]);
  return points.filter((_, i) => isKnown(i) && !isKnown(i - 1) && !isKnown(i + 1));
}

function path(points: readonly XY[], x: Scale, y: Scale): string {
  let pen = 'M';
  let d = '';
  for (const [px, py] of points) {
    if (!Number.isFinite(py)) {
      pen = 'M';
      continue;
    }
    d += `${pen}${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
    pen = 'L';
  }
  return d;
}

function domains({ series, band, rules = [], xDomain, yDomain, yTickCount = 4 }: LineChartProps) {
  const xs = series.flatMap((line) => line.points.map(([x]) => x));
  const ys = [
    ...series.flatMap((line) => line.points.map(([, y]) => y)),
    ...(band?.points.flatMap(([, low, high]) => [low, high]) ?? []),
    ...rules.map((rule) => rule.y),
  ].filter(Number.isFinite);
  const span = (values: number[]): [number, number] =>
    values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  return { x: xDomain ?? span(xs), y: yDomain ?? niceRange(...span(ys), yTickCount) };
}
