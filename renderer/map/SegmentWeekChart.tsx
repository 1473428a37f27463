import { useState } from 'react';
import type { ApiSegmentInfo, ApiSegmentWeek } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { useWidth } from '../charts/useSize.ts';
import { clock, count, dayOfMonth } from '../format/format.ts';
import { useTheme } from '../theme/theme.ts';
import { SPEED_RAMP, speedClass } from './ramp.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ROW_PX = 13;
const LEFT_PX = 30;
const HEAD_PX = 18;

/** Speed ÷ free flow by hour of the week, as driven and as predicted, one strip above the other. */
export function SegmentWeekChart({ segment, answer }: { segment: ApiSegmentInfo; answer: ApiSegmentWeek }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [hour, setHour] = useState<number | null>(null);
  const ramp = SPEED_RAMP[useTheme((state) => state.theme)];
  const cell = Math.max(0, (width - LEFT_PX) / 24);
  const strip = 7 * ROW_PX;
  const height = 2 * (strip + HEAD_PX) + 22;
  const total = answer.count.reduce((sum, n) => sum + n, 0);
  const ratio = (value: number | null) => (value === null ? 'none' : value.toFixed(2));
  const said =
    hour === null
      ? `${count(total)} observed, all weeks`
      : `${DAYS[Math.floor(hour / 24)]} ${clock((hour % 24) * 60)}: observed ${ratio(answer.observed[hour]!)} (${answer.count[hour]}), predicted ${ratio(answer.predicted[hour]!)}`;
  const parts = [
    { name: 'observed, all weeks', values: answer.observed },
    { name: `predicted, week of ${dayOfMonth(answer.from)}`, values: answer.predicted },
  ];
  return (
    <Figure
      title="Over the week"
      quantity="speed ÷ free flow"
      xLabel={`hour of the day, ${segment.name || segment.ref}`}
      table={{
        head: ['hour', 'observed', 'how many', 'predicted'],
        rows: answer.observed.map((value, h) => [
          `${DAYS[Math.floor(h / 24)]} ${clock((h % 24) * 60)}`,
          value === null ? '' : value.toFixed(2),
          String(answer.count[h]),
          answer.predicted[h] === null ? '' : answer.predicted[h]!.toFixed(2),
        ]),
        exact: answer.observed.map((value, h) => [
          `${DAYS[Math.floor(h / 24)]} ${clock((h % 24) * 60)}`,
          value,
          answer.count[h]!,
          answer.predicted[h]!,
        ]),
      }}
    >
      <div ref={box} className="line-chart">
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`Speed ÷ free flow by hour of the week, observed and predicted; ${count(total)} observed`}
            onPointerLeave={() => setHour(null)}
          >
            {parts.map(({ name, values }, part) => {
              const top = part * (strip + HEAD_PX) + HEAD_PX;
              return (
                <g key={name}>
                  <g className="chart-grid">
                    <text x={LEFT_PX} y={top - 4}>
                      {name}
                    </text>
                    {DAYS.map((name, day) => (
                      <text key={name} x={0} y={top + day * ROW_PX + ROW_PX - 3}>
                        {name}
                      </text>
                    ))}
                  </g>
                  {values.map((value, h) => (
                    <rect
                      // biome-ignore lint/suspicious/noArrayIndexKey: the index is the hour
                      key={h}
                      x={LEFT_PX + (h % 24) * cell}
                      y={top + Math.floor(h / 24) * ROW_PX}
                      width={Math.max(0, cell - 0.6)}
                      height={ROW_PX - 0.6}
                      fill={value === null ? 'var(--line)' : ramp[speedClass(value)]}
                      stroke={hour === h ? 'var(--text)' : 'none'}
                      onPointerEnter={() => setHour(h)}
                    />
                  ))}
                </g>
              );
            })}
            <g className="chart-grid">
              {[0, 6, 12, 18, 24].map((h) => (
                <text
                  key={h}
                  x={LEFT_PX + h * cell}
                  y={height - 8}
                  textAnchor={h === 0 ? 'start' : h === 24 ? 'end' : 'middle'}
                >
                  {h === 24 ? '24:00' : clock(h * 60)}
                </text>
              ))}
            </g>
          </svg>
        )}
      </div>
      <p className="note">{said}. Grey: nothing observed.</p>
    </Figure>
  );
}
