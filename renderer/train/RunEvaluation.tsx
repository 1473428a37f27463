import type { EtaEvaluation } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { count, fixed, percent, signed } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';
import { EvaluationSlices } from './EvaluationSlices.tsx';
import { BASELINES } from './figures.ts';

/** How good a run is on its test trips: bad ETAs against each baseline, where the error lies, how far intervals hold. */
export function RunEvaluation({ evaluation }: { evaluation: EtaEvaluation }) {
  return (
    <>
      <section className="curve-pair evaluation-pair">
        <BadEtas evaluation={evaluation} />
        {evaluation.distribution && <Calibration distribution={evaluation.distribution} />}
      </section>
      {evaluation.slices.length > 0 && <EvaluationSlices evaluation={evaluation} />}
    </>
  );
}

function BadEtas({ evaluation: { metrics, baselines, badReduction } }: { evaluation: EtaEvaluation }) {
  const rows = badReduction.toSorted(
    (a, b) => (baselines[b.baseline]?.badShare ?? 0) - (baselines[a.baseline]?.badShare ?? 0),
  );
  return (
    <div>
      <h3 className="by-length-head">Bad ETAs</h3>
      <p className="bad-etas">
        <b>{percent(metrics.badShare, 1)}</b>{' '}
        <span className="secondary">
          of {count(metrics.n)} test trips are off by more than a minute and more than 20 %
        </span>
      </p>
      {rows.length > 0 && (
        <DataTable
          label="Bad ETAs against each baseline"
          title={<span className="note">Against each baseline</span>}
          className="tight bad-baselines"
          rows={rows}
          rowKey={({ baseline }) => baseline}
          columns={[
            {
              id: 'against',
              head: 'Against',
              className: 'slice-label',
              value: ({ baseline }) => BASELINES[baseline]?.short ?? baseline,
            },
            {
              id: 'share',
              head: 'Its share',
              numeric: true,
              value: ({ baseline }) => baselines[baseline]?.badShare ?? null,
              cell: ({ baseline }) => percent(baselines[baseline]?.badShare ?? Number.NaN, 1),
            },
            {
              id: 'fewer',
              head: 'Fewer by',
              numeric: true,
              value: ({ share }) => share,
              cell: ({ share, low }) => (low > 0 ? <b>{percent(share, 0)}</b> : percent(share, 0)),
            },
            {
              id: 'interval',
              head: '95 %',
              numeric: true,
              className: 'secondary',
              value: ({ low, high }) => `${fixed(100 * low, 0)}…${percent(high, 0)}`,
            },
          ]}
        />
      )}
    </div>
  );
}

/** By how much an interval that is meant to hold a share of the trips holds more, or less. */
function Calibration({
  distribution: { calibration, crpsS, intervalScoreS },
}: {
  distribution: NonNullable<EtaEvaluation['distribution']>;
}) {
  const points = calibration.map(({ nominal, covered }): XY => [100 * nominal, 100 * (covered - nominal)]);
  const reach = Math.max(5, ...points.map(([, y]) => Math.ceil(Math.abs(y))));
  return (
    <div>
      <Figure
        title="Calibration"
        quantity="% points"
        table={{
          head: ['meant to hold', 'holds'],
          rows: calibration.map(({ nominal, covered }) => [percent(nominal, 0), percent(covered, 1)]),
        }}
      >
        <LineChart
          label="Share of trips inside each interval, less what it is meant to hold"
          height={150}
          series={[{ name: 'this run', points, color: 'var(--run-1)' }]}
          rules={[{ y: 0, label: '' }]}
          xDomain={[0, 100]}
          yDomain={[-reach, reach]}
          xTicks={[0, 20, 40, 60, 80, 100]}
          xFormat={(x) => fixed(x, 0)}
          yFormat={(y) => signed(y, 0)}
        >
          {(x, y) =>
            points.map(([px, py]) => <circle key={px} cx={x(px)} cy={y(py)} r={3} fill="var(--run-1)" />)
          }
        </LineChart>
      </Figure>
      <p className="note">
        By how much more or less of the trips an interval holds than it is meant to (x, %). CRPS{' '}
        {fixed(crpsS)} s, interval score {fixed(intervalScoreS, 0)} s.
      </p>
    </div>
  );
}
