import { linear, niceRange, ticks } from './scale.ts';
import { useWidth } from './useSize.ts';

export interface Interval {
  name: string;
  value: number;
  low: number;
  high: number;
  /** What the chart is about; the others are there to compare. */
  main: boolean;
}

const ROW_PX = 26;
const LABEL_PX = 128;
const VALUE_PX = 52;
const TICKS = 4;

/** Means with their intervals, a row each, on one axis that need not begin at zero. */
export function IntervalChart(props: {
  label: string;
  rows: readonly Interval[];
  format(value: number): string;
}) {
  const { label, rows, format } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const ends = rows.flatMap(({ low, high, value }) => [low, high, value]);
  const [least, most] = niceRange(Math.min(...ends), Math.max(...ends), TICKS);
  const x = linear([least, most], [LABEL_PX, Math.max(LABEL_PX + 40, width - VALUE_PX - 12)]);
  const bottom = rows.length * ROW_PX + 4;
  return (
    <div ref={box} className="line-chart">
      {width > 0 && rows.length > 0 && (
        <svg width={width} height={bottom + 20} role="img" aria-label={label}>
          <g className="chart-grid">
            {ticks(least, most, TICKS).map((value) => (
              <g key={value}>
                <line x1={x(value)} x2={x(value)} y1={0} y2={bottom} />
                <text x={x(value)} y={bottom + 15} textAnchor="middle">
                  {String(value).replace('-', '−')}
                </text>
              </g>
            ))}
          </g>
          {rows.map((row, i) => (
            <Row
              key={row.name}
              row={row}
              x={x}
              y={i * ROW_PX + ROW_PX / 2}
              width={width}
              text={format(row.value)}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function Row(props: { row: Interval; x(value: number): number; y: number; width: number; text: string }) {
  const { row, x, y, width, text } = props;
  const color = row.main ? 'var(--run-1)' : 'var(--baseline)';
  return (
    <g className={row.main ? 'interval-row main' : 'interval-row'}>
      <title>{row.name}</title>
      <text x={0} y={y} dy="0.35em">
        {row.name.length > 20 ? `${row.name.slice(0, 19)}…` : row.name}
      </text>
      <line x1={x(row.low)} x2={x(row.high)} y1={y} y2={y} stroke={color} strokeWidth={2} />
      {row.main ? (
        <circle cx={x(row.value)} cy={y} r={4.5} fill={color} />
      ) : (
        <rect x={x(row.value) - 3.5} y={y - 3.5} width={7} height={7} fill={color} />
      )}
      <text x={width} y={y} dy="0.35em" textAnchor="end">
        {text}
      </text>
    </g>
  );
}
