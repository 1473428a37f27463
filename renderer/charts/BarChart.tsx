import { linear, ticks } from './scale.ts';
import { useWidth } from './useSize.ts';

/** A label below the x axis: position in bars (0 = left edge) and text. */
export interface BarMark {
  at: number;
  text: string;
}

interface BarChartProps {
  label: string;
  height: number;
  values: readonly number[];
  /** No two have the same text. */
  marks: readonly BarMark[];
  /** Bars that need attention. */
  alarm?(index: number): boolean;
  name(index: number): string;
  yAxis?: boolean;
  yFormat?(value: number): string;
  /** The axis reaches to this at least. */
  least?: number;
}

/** Bars from a zero baseline. */
export function BarChart({
  label,
  height,
  values,
  marks,
  alarm,
  name,
  yAxis = false,
  yFormat = String,
  least = 1,
}: BarChartProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const left = yAxis ? 40 : 0;
  const bottom = height - 18;
  const top = Math.max(least, ...values);
  const y = linear([0, top], [bottom, 6]);
  const x = linear([0, values.length], [left, width]);
  const gap = width / Math.max(1, values.length) > 5 ? 1 : 0;
  return (
    <div ref={box} className="line-chart">
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          <g className="chart-grid">
            {yAxis &&
              ticks(0, top, 3).map((value) => (
                <g key={value}>
                  <line x1={left} x2={width} y1={y(value)} y2={y(value)} />
                  <text x={left - 8} y={y(value)} dy="0.35em" textAnchor="end">
                    {yFormat(value)}
                  </text>
                </g>
              ))}
            <line x1={left} x2={width} y1={bottom} y2={bottom} />
          </g>
          {values.map((value, i) => (
            <rect
              key={name(i)}
              x={x(i)}
              width={Math.max(1, x(i + 1) - x(i) - gap)}
              y={y(value)}
              height={bottom - y(value)}
              className={alarm?.(i) ? 'chart-bar alarm' : 'chart-bar'}
            >
              <title>{`${name(i)}: ${yFormat(value)}`}</title>
            </rect>
          ))}
          <g className="chart-grid">
            {marks.map((mark) => (
              <text
                key={mark.text}
                x={x(mark.at)}
                y={bottom + 14}
                textAnchor={mark.at <= 0.01 ? 'start' : mark.at >= values.length - 0.01 ? 'end' : 'middle'}
              >
                {mark.text}
              </text>
            ))}
          </g>
        </svg>
      )}
    </div>
  );
}
