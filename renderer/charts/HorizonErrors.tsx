import { fixed } from '../format/format.ts';
import { Figure } from './Figure.tsx';
import { LineChart, type Series, type XY } from './LineChart.tsx';

/** One predictor: its error by minutes ahead. */
export interface HorizonLine {
  name: string;
  points: readonly XY[];
  /** Of a run; baselines are grey, each with a dash of its own. */
  color?: string;
}

const DASHES = ['1 3', '6 3', '3 2.5', '8 2 2 2'];

/** Mean absolute error of speeds by how far ahead they are forecast, baselines first, each named at its end. */
export function HorizonErrors({ lines, height }: { lines: readonly HorizonLine[]; height: number }) {
  const minutes = lines.at(-1)?.points.map(([ahead]) => ahead) ?? [];
  const baselines = lines.filter(({ color }) => color === undefined);
  const series = lines.map(
    ({ name, points, color }): Series =>
      color === undefined
        ? {
            ...{ name, points, color: 'var(--baseline)', width: 1.5, endLabel: name },
            dash: DASHES[baselines.findIndex((line) => line.name === name) % DASHES.length]!,
          }
        : { name, points, color, width: 2, endLabel: name },
  );
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = 0.08 * (high - low + 0.5);
  return (
    <Figure
      title="Error by horizon"
      quantity="MAE on the test days, km/h"
      xLabel="minutes ahead"
      xBelow
      table={{
        head: ['minutes ahead', ...lines.map(({ name }) => `${name}, km/h`)],
        rows: minutes.map((ahead, k) => [
          String(ahead),
          ...lines.map(({ points }) => fixed(points[k]?.[1] ?? Number.NaN, 2)),
        ]),
        exact: minutes.map((ahead, k) => [ahead, ...lines.map(({ points }) => points[k]?.[1] ?? '')]),
      }}
    >
      <LineChart
        label={`Mean absolute error of the speed by minutes ahead: ${lines.map(({ name }) => name).join(', ')}`}
        height={height}
        leftPx={30}
        rightPx={16 + 6.4 * Math.min(24, Math.max(...lines.map(({ name }) => name.length)))}
        bottomPx={24}
        xDomain={[0, minutes.at(-1) ?? 60]}
        yDomain={[Math.max(0, low - pad), high + pad]}
        xTicks={[0, ...minutes]}
        xFormat={String}
        yFormat={(value) => fixed(value, Number.isInteger(value) ? 0 : 1)}
        series={series}
      >
        {(x, y) => (
          <g>
            {series
              .filter(({ dash }) => dash === undefined)
              .flatMap(({ name, points, color }) =>
                points.map(([px, py]) => (
                  <circle key={`${name} ${px}`} cx={x(px)} cy={y(py)} r={3} fill={color} />
                )),
              )}
          </g>
        )}
      </LineChart>
    </Figure>
  );
}
