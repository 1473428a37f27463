import type { ApiRunComparison } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { HorizonErrors, type HorizonLine } from '../charts/HorizonErrors.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { percent } from '../format/format.ts';
import { SPEED_BASELINES } from '../train/figures.ts';
import { namesPx, sideColour } from './SideMark.tsx';

type Horizons = NonNullable<ApiRunComparison['speedsByHorizon']>;
type Sides = Pick<ApiRunComparison, 'a' | 'b'>;

const HEIGHT = 230;

/** Errors of two that forecast speeds, beside the baselines of the first. */
export function SpeedErrors({ a, b, horizons }: Sides & { horizons: Horizons }) {
  const of = (value: (row: Horizons[number]) => number): XY[] =>
    horizons.map((row) => [row.minutes, value(row)]);
  const baselines = Object.keys(horizons[0]?.baselines ?? {})
    .map(
      (id): HorizonLine => ({
        name: SPEED_BASELINES[id] ?? id,
        points: of((row) => row.baselines[id] ?? Number.NaN),
      }),
    )
    // The one that is compared has a line of its own.
    .filter(({ name }) => name !== b.name);
  const lines = [
    ...baselines,
    { name: b.name, points: of((row) => row.b), color: sideColour('b', b.runId === null) },
    { name: a.name, points: of((row) => row.a), color: sideColour('a') },
  ];
  return <HorizonErrors height={HEIGHT} lines={lines} />;
}

/** What share of the observed speeds the 80 % intervals hold, by horizon. */
export function SpeedCoverage({ a, b, horizons }: Sides & { horizons: Horizons }) {
  const side = (name: string, value: (row: Horizons[number]) => number | null, color: string) => ({
    name,
    color,
    endLabel: name,
    points: horizons.flatMap((row): XY[] => {
      const share = value(row);
      return share === null ? [] : [[row.minutes, 100 * share]];
    }),
  });
  const series = [
    side(b.name, ({ coverageB }) => coverageB, sideColour('b', b.runId === null)),
    side(a.name, ({ coverageA }) => coverageA, sideColour('a')),
  ].filter(({ points }) => points.length > 0);
  const values = [80, ...series.flatMap(({ points }) => points.map(([, y]) => y))];
  const share = (value: number | null) => (value === null ? '—' : percent(value, 1));
  return (
    <Figure
      title="Calibration by horizon"
      quantity="observed speeds inside the 80 % interval, %"
      xLabel="minutes ahead"
      xBelow={series.length > 0}
      table={{
        head: ['minutes ahead', a.name, b.name, 'speeds'],
        rows: horizons.map((row) => [
          String(row.minutes),
          share(row.coverageA),
          share(row.coverageB),
          String(row.n),
        ]),
        exact: horizons.map((row) => [row.minutes, row.coverageA ?? '', row.coverageB ?? '', row.n]),
      }}
    >
      {series.length === 0 ? (
        <p className="secondary">Neither gives an interval.</p>
      ) : (
        <LineChart
          label={`Share of observed speeds inside the 80 % interval by minutes ahead, ${a.name} and ${b.name}`}
          height={HEIGHT}
          leftPx={30}
          rightPx={namesPx(a.name, b.name)}
          bottomPx={24}
          xDomain={[0, horizons.at(-1)?.minutes ?? 60]}
          yDomain={[Math.min(...values) - 2, Math.max(...values) + 2]}
          xTicks={[0, ...horizons.map(({ minutes }) => minutes)]}
          xFormat={String}
          yFormat={String}
          rules={[{ y: 80, label: 'as meant' }]}
          series={series}
        />
      )}
    </Figure>
  );
}
