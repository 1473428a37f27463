import { useMemo } from 'react';
import type { ApiRouteAnswer } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { valueAt } from '../charts/scale.ts';
import { clock, fixed, kilometres, minuteOf, minutes } from '../format/format.ts';
import { useRoute } from '../stores/route.ts';
import { useTheme } from '../theme/theme.ts';
import { SPEED_RAMP, speedClass } from './ramp.ts';

const STRIP_PX = 7;
/** Width of the words that stand under the line of free flow. */
const FREE_LABEL_PX = 52;

/** Kilometres against the clock: median, 80 % band, free flow, and the classes driven through. Hovering shows the place on the map. */
export function TimeDistance({ answer }: { answer: ApiRouteAnswer }) {
  const { hoverM, hover } = useRoute();
  const ramp = SPEED_RAMP[useTheme((state) => state.theme)];
  const lines = useMemo(() => linesOf(answer), [answer]);
  const depart = minuteOf(answer.depart);
  const at = hoverM === null ? null : hoverM / 1000;
  const minuteAt = at === null ? 0 : valueAt(lines.median, at);
  const table = {
    head: ['km', 'clock', 'earliest', 'latest', 'free flow'],
    rows: lines.median.map(([km, minute], i): string[] => [
      fixed(km, 2),
      clock(depart + minute),
      clock(depart + lines.band[i]![1]),
      clock(depart + lines.band[i]![2]),
      clock(depart + lines.free[i]![1]),
    ]),
  };
  return (
    <Figure title="Time along the route" quantity="80 % band" xLabel="distance along the route" table={table}>
      <LineChart
        label={`Time along the route: ${kilometres(answer.distanceM)} km in ${minutes(answer.etaS)} min`}
        height={176}
        leftPx={38}
        rightPx={4}
        bottomPx={32}
        series={[
          { name: 'free flow', points: lines.free, color: 'var(--text-3)', width: 1.2, dash: '3 3' },
          { name: 'median', points: lines.median, color: 'var(--accent)', width: 2 },
        ]}
        band={{ color: 'var(--accent)', points: lines.band }}
        xFormat={(km) => String(km)}
        yFormat={(minute) => clock(depart + minute)}
        xUnit="km"
        cursor={
          at === null
            ? null
            : {
                x: at,
                label: `${clock(depart + minuteAt)} at ${fixed(at)} km`,
                points: [{ y: minuteAt, color: 'var(--accent)' }],
              }
        }
        onHover={(km) => hover(km === null ? null : km * 1000)}
      >
        {(x, y, { bottom }) => (
          <g>
            {answer.profile.map((row, i) => {
              const from = x((answer.profile[i - 1]?.distanceM ?? 0) / 1000);
              return (
                <rect
                  key={row.segment + row.distanceM}
                  x={from}
                  y={bottom + 3}
                  width={Math.max(0, x(row.distanceM / 1000) - from + 0.3)}
                  height={STRIP_PX}
                  fill={ramp[speedClass(row.ratio)] ?? 'var(--road-plain)'}
                />
              );
            })}
            <text
              className="chart-free"
              x={x(answer.distanceM / 1000) - 2}
              y={y(valueAt(lines.free, x.invert(x(answer.distanceM / 1000) - FREE_LABEL_PX))) + 14}
              textAnchor="end"
            >
              free flow
            </text>
          </g>
        )}
      </LineChart>
    </Figure>
  );
}

function linesOf({ profile }: ApiRouteAnswer) {
  const start = { distanceM: 0, elapsedS: 0, lowS: 0, highS: 0, freeFlowS: 0 };
  const rows = [start, ...profile];
  return {
    median: rows.map((row): XY => [row.distanceM / 1000, row.elapsedS / 60]),
    free: rows.map((row): XY => [row.distanceM / 1000, row.freeFlowS / 60]),
    band: rows.map((row): readonly [number, number, number] => [
      row.distanceM / 1000,
      row.lowS / 60,
      row.highS / 60,
    ]),
  };
}
