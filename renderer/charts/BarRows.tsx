import { linear } from './scale.ts';
import { useWidth } from './useSize.ts';

const ROW_PX = 22;
const BAR_PX = 11;
const VALUE_PX = 56;
/** Of the width, for names. */
const NAMES = 0.38;
const LETTER_PX = 6.4;

interface BarRowsProps {
  label: string;
  rows: readonly { name: string; value: number | null }[];
  format(value: number | null): string;
}

/** Named bars from a zero line, either way. */
export function BarRows({ label, rows, format }: BarRowsProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const values = rows.map(({ value }) => value ?? 0);
  const left = Math.round(width * NAMES);
  const x = linear(
    [Math.min(0, ...values), Math.max(1e-9, ...values)],
    [left, Math.max(left + 20, width - VALUE_PX)],
  );
  const letters = Math.floor((left - 10) / LETTER_PX);
  return (
    <div ref={box} className="line-chart">
      {width > 0 && (
        <svg width={width} height={rows.length * ROW_PX} role="img" aria-label={label}>
          {rows.map(({ name, value }, i) => {
            const y = i * ROW_PX;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: two rows may have one name
              <g key={`${name} ${i}`} className="interval-row">
                <title>{name}</title>
                <text x={0} y={y + ROW_PX / 2} dy="0.35em">
                  {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
                </text>
                {value !== null && (
                  <rect
                    x={Math.min(x(0), x(value))}
                    width={Math.max(1, Math.abs(x(value) - x(0)))}
                    y={y + (ROW_PX - BAR_PX) / 2}
                    height={BAR_PX}
                    fill={value < 0 ? 'var(--run-2)' : 'var(--run-3)'}
                  />
                )}
                <text x={width} y={y + ROW_PX / 2} dy="0.35em" textAnchor="end">
                  {format(value)}
                </text>
              </g>
            );
          })}
          <g className="chart-grid">
            <line x1={x(0)} x2={x(0)} y1={0} y2={rows.length * ROW_PX} />
          </g>
        </svg>
      )}
    </div>
  );
}
