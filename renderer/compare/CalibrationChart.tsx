import type { ApiRunComparison } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { fixed, percent, signed } from '../format/format.ts';
import { namesPx, SideMark, sideColour } from './SideMark.tsx';

/** How far observed shares are from the predicted ones, in points: the flatter, the better calibrated. */
export function CalibrationChart({ answer }: { answer: ApiRunComparison }) {
  const { a, b, calibration, slices } = answer;
  const points = [...calibration].sort((x, y) => x.nominal - y.nominal);
  const deviation = (side: 'a' | 'b') =>
    points.map((row): XY => [100 * row.nominal, 100 * (row[side] - row.nominal)]);
  const [left, right] = [deviation('a'), deviation('b')];
  const trips = slices.filter((slice) => slice.by === 'hour').reduce((sum, slice) => sum + slice.n, 0);
  // What a perfect prediction would show by chance in so many trips, 95 times of 100.
  const chance = (share: number) => (trips > 0 ? 196 * Math.sqrt((share * (1 - share)) / trips) : 0);
  const bandAt = Array.from({ length: 21 }, (_, i) => i / 20);
  return (
    <Figure
      title="Calibration"
      quantity={
        points.length < 2
          ? 'share of trips'
          : `observed minus predicted share, points${trips > 0 ? ' · grey: chance, 95 %' : ''}`
      }
      xLabel="predicted share of trips, %"
      xBelow={points.length > 1}
      table={{
        head: ['predicted, %', `${a.name}, points`, `${b.name}, points`],
        rows: points.map((row, i) => [
          fixed(100 * row.nominal, 0),
          signed(left[i]![1], 2),
          signed(right[i]![1], 2),
        ]),
        exact: points.map((row, i) => [100 * row.nominal, left[i]![1], right[i]![1]]),
      }}
    >
      {points.length < 2 ? (
        <FewPoints answer={answer} />
      ) : (
        <LineChart
          label={`Calibration of ${a.name} and ${b.name}: observed minus predicted share`}
          height={210}
          leftPx={32}
          rightPx={namesPx(a.name, b.name)}
          bottomPx={24}
          xDomain={[0, 100]}
          xTicks={[0, 20, 40, 60, 80, 100]}
          xFormat={String}
          yFormat={(value) => signed(value, Number.isInteger(value) ? 0 : 1)}
          rules={[{ y: 0, label: 'perfect' }]}
          {...(trips > 0 && {
            band: {
              color: 'var(--text-2)',
              points: bandAt.map((share) => [100 * share, -chance(share), chance(share)] as const),
            },
          })}
          series={[
            { name: b.name, points: right, color: sideColour('b', b.runId === null), endLabel: b.name },
            { name: a.name, points: left, color: sideColour('a'), endLabel: a.name },
          ]}
        >
          {(x, y) => (
            <g>
              {right.map(([px, py]) => (
                <rect
                  key={px}
                  x={x(px) - 3}
                  y={y(py) - 3}
                  width={6}
                  height={6}
                  fill={sideColour('b', b.runId === null)}
                />
              ))}
              {left.map(([px, py]) => (
                <circle key={px} cx={x(px)} cy={y(py)} r={3} fill={sideColour('a')} />
              ))}
            </g>
          )}
        </LineChart>
      )}
    </Figure>
  );
}

/** Under two points no line is drawn: figures say it better. */
function FewPoints({ answer: { a, b, calibration } }: { answer: ApiRunComparison }) {
  const row = calibration[0];
  if (!row) return <p className="secondary">Neither gives shares that could be checked.</p>;
  return (
    <p className="secondary">
      The interval for {percent(row.nominal)} of trips holds <SideMark side="a" /> <b>{percent(row.a, 1)}</b>{' '}
      by {a.name} and <SideMark side="b" baseline={b.runId === null} /> <b>{percent(row.b, 1)}</b> by {b.name}
      .
    </p>
  );
}
