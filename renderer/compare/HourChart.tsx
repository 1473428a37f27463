import { useState } from 'react';
import type { ApiRunComparison } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { clock, fixed } from '../format/format.ts';
import { namesPx, sideColour } from './SideMark.tsx';

/** Mean absolute error by hour of departure, both on one axis. */
export function HourChart({ answer }: { answer: ApiRunComparison }) {
  const { a, b, slices } = answer;
  const [hover, setHover] = useState<number | null>(null);
  const hours = slices
    .filter((slice) => slice.by === 'hour')
    .map((slice) => ({ ...slice, hour: Number(/\d+/.exec(slice.label)?.[0] ?? Number.NaN) }))
    .sort((x, y) => x.hour - y.hour);
  const line = (side: 'a' | 'b') => hours.map((slice): XY => [slice.hour, slice[side]]);
  const at = hover === null ? null : hours.find((slice) => slice.hour === Math.round(hover));
  return (
    <Figure
      title="Error by hour"
      quantity="MAE, s"
      xLabel="hour of departure"
      xBelow={hours.length > 1}
      table={{
        head: ['departure', `${a.name}, s`, `${b.name}, s`, 'trips'],
        rows: hours.map((slice) => [slice.label, fixed(slice.a), fixed(slice.b), String(slice.n)]),
        exact: hours.map((slice) => [slice.label, slice.a, slice.b, slice.n]),
      }}
    >
      {hours.length < 2 ? (
        <p className="secondary">A baseline’s figures are kept for all hours together only.</p>
      ) : (
        <LineChart
          label={`Mean absolute error by hour of departure, ${a.name} and ${b.name}`}
          height={210}
          leftPx={32}
          rightPx={namesPx(a.name, b.name)}
          bottomPx={24}
          xDomain={[0, 23]}
          xTicks={[0, 6, 12, 18]}
          xFormat={(hour) => clock(hour * 60)}
          yFormat={(value) => fixed(value, 0)}
          series={[
            {
              name: b.name,
              points: line('b'),
              color: sideColour('b', b.runId === null),
              dash: '5 2',
              endLabel: b.name,
            },
            { name: a.name, points: line('a'), color: sideColour('a'), endLabel: a.name },
          ]}
          cursor={
            at
              ? {
                  x: at.hour,
                  label: `${at.label}: ${fixed(at.a)} against ${fixed(at.b)} s`,
                  points: [
                    { y: at.a, color: sideColour('a') },
                    { y: at.b, color: sideColour('b', b.runId === null) },
                  ],
                }
              : null
          }
          onHover={setHover}
        />
      )}
    </Figure>
  );
}
