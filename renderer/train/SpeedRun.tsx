import type { ApiRunInfo } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { HorizonErrors } from '../charts/HorizonErrors.tsx';
import { LineChart, type Series } from '../charts/LineChart.tsx';
import { ticks } from '../charts/scale.ts';
import { count, fixed, percent } from '../format/format.ts';
import { useRuns } from '../stores/runs.ts';
import { DataTable } from '../table/DataTable.tsx';
import { curve, plannedEpochs, SPEED_BASELINES } from './figures.ts';
import { useFollowedPoints } from './RunCurves.tsx';

type Speeds = NonNullable<ApiRunInfo['speeds']>;
type Evaluation = NonNullable<Speeds['evaluation']>;

/** The curve of a horizon is named by its minutes. */
const HORIZON = 'valMaeKmh.';
const COLORS = ['var(--run-1)', 'var(--run-2)', 'var(--run-3)', 'var(--text-2)', 'var(--text-3)'];

/** How a run that forecasts speeds learns, and how good it is by horizon. */
export function SpeedRun({ run, speeds }: { run: ApiRunInfo; speeds: Speeds }) {
  useFollowedPoints(run);
  return (
    <>
      <section>
        <ValidationByHorizon run={run} />
      </section>
      {speeds.evaluation && (
        <section>
          <ByHorizon evaluation={speeds.evaluation} run={run.name} />
          <Figures evaluation={speeds.evaluation} run={run.name} />
        </section>
      )}
    </>
  );
}

function ValidationByHorizon({ run }: { run: ApiRunInfo }) {
  const points = useRuns((state) => state.points[run.id]);
  const names = [...new Set((points ?? []).map(({ name }) => name))].filter((name) =>
    name.startsWith(HORIZON),
  );
  const minutes = names.map((name) => Number(name.slice(HORIZON.length))).sort((a, b) => a - b);
  const series = minutes.map((ahead, i): Series => {
    const name = `${ahead} min`;
    const color = COLORS[i % COLORS.length]!;
    return { name, points: curve(points, `${HORIZON}${ahead}`), color, endLabel: name };
  });
  if (series.length === 0)
    return (
      <>
        <h3>Validation error</h3>
        <p className="secondary">
          {run.status === 'running' ? 'The first epoch is not over yet.' : 'No epoch was finished.'}
        </p>
      </>
    );
  const values = series.flatMap((line) => line.points.map(([, y]) => y));
  const epochs = Math.max(plannedEpochs(run) ?? 1, ...series[0]!.points.map(([epoch]) => epoch));
  const pad = 0.1 * (Math.max(...values) - Math.min(...values) + 0.5);
  return (
    <Figure
      title="Validation error"
      quantity="MAE of speed by horizon, km/h"
      table={{
        head: ['epoch', ...series.map(({ name }) => `${name}, km/h`)],
        rows: series[0]!.points.map(([epoch], k) => [
          String(epoch),
          ...series.map((line) => fixed(line.points[k]?.[1] ?? Number.NaN, 2)),
        ]),
      }}
    >
      <LineChart
        label="Validation error by epoch and horizon"
        height={220}
        rightPx={64}
        xDomain={[0, epochs]}
        yDomain={[Math.min(...values) - pad, Math.max(...values) + pad]}
        xTicks={ticks(0, epochs, 6).filter(Number.isInteger)}
        xFormat={String}
        yFormat={(value) => fixed(value, 1)}
        xUnit="epoch"
        bottomPx={34}
        series={series}
      />
    </Figure>
  );
}

/** Errors of the run and of every baseline on the test days, over the horizons. */
function ByHorizon({ evaluation: { horizons }, run }: { evaluation: Evaluation; run: string }) {
  const lines = Object.keys(horizons[0]?.baselines ?? {}).map((id) => ({
    name: SPEED_BASELINES[id] ?? id,
    points: horizons.map(({ minutes, baselines }) => [minutes, baselines[id]?.maeKmh ?? Number.NaN] as const),
  }));
  const own = horizons.map(({ minutes, metrics }) => [minutes, metrics.maeKmh] as const);
  return <HorizonErrors height={220} lines={[...lines, { name: run, points: own, color: 'var(--run-1)' }]} />;
}

function Figures({ evaluation, run }: { evaluation: Evaluation; run: string }) {
  const rows = evaluation.horizons.flatMap(({ minutes, metrics, baselines, gains }) => [
    ...Object.entries(baselines).map(([id, figures]) => ({
      key: `${minutes} ${id}`,
      minutes,
      name: SPEED_BASELINES[id] ?? id,
      own: false,
      figures,
      gain: gains.find(({ baseline }) => baseline === id) ?? null,
    })),
    { key: `${minutes}`, minutes, name: run, own: true, figures: metrics, gain: null },
  ]);
  return (
    <>
      <DataTable
        label="Errors by horizon"
        title={<h3>Test days</h3>}
        className="tight"
        rows={rows}
        rowKey={(row) => row.key}
        rowProps={(row) => (row.own ? { className: 'strong' } : {})}
        columns={[
          { id: 'minutes', head: 'min', numeric: true, value: (row) => row.minutes },
          { id: 'name', head: 'Predictor', value: (row) => row.name },
          {
            id: 'mae',
            head: 'MAE',
            numeric: true,
            value: (row) => row.figures.maeKmh,
            cell: (row) => fixed(row.figures.maeKmh, 2),
          },
          {
            id: 'rmse',
            head: 'RMSE',
            numeric: true,
            value: (row) => row.figures.rmseKmh,
            cell: (row) => fixed(row.figures.rmseKmh, 2),
          },
          {
            id: 'mape',
            head: 'MAPE',
            numeric: true,
            value: (row) => row.figures.mape,
            cell: (row) => percent(row.figures.mape, 1),
          },
          {
            id: 'covers',
            head: '80 %',
            numeric: true,
            value: (row) => row.figures.coverage80,
            cell: (row) => (row.figures.coverage80 === null ? '—' : percent(row.figures.coverage80, 1)),
          },
          {
            id: 'gain',
            head: 'Over run’s',
            numeric: true,
            value: (row) => row.gain?.kmh ?? null,
            cell: ({ gain }) =>
              gain ? `${fixed(gain.kmh, 2)} (${fixed(gain.low, 2)}…${fixed(gain.high, 2)})` : '—',
          },
        ]}
      />
      <p className="note">
        {count(evaluation.horizons[0]?.metrics.n ?? 0)} speeds at the first horizon; MAE and RMSE in km/h. 80
        %: what the interval covers. Over run’s: MAE above this run’s, with its 95 % interval.
        {evaluation.resampled === 'hour' &&
          ' The test has fewer than five days: intervals resample hours and are too narrow.'}
      </p>
    </>
  );
}
