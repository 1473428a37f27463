import { useState } from 'react';
import type { EtaEvaluation, SliceBy } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { count, fixed, percent, signed } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';

type Kind = SliceBy | 'horizon';

const KINDS: readonly { kind: Kind; label: string; column: string; note?: string }[] = [
  { kind: 'hour', label: 'Hour', column: 'Departure' },
  { kind: 'weekday', label: 'Weekday', column: 'Departure' },
  { kind: 'length', label: 'Length', column: 'Trip' },
  { kind: 'class', label: 'Road class', column: 'Most of the trip on' },
  {
    kind: 'congestion',
    label: 'Congestion',
    column: 'Trip took',
    note: 'Grouped by what the trips did take: every predictor is too high where it turned out fast, too low where slow.',
  },
  { kind: 'horizon', label: 'Horizon', column: 'Segment entered after' },
];

/** Where the test error lies, by a grouping that the user picks. */
export function EvaluationSlices({ evaluation }: { evaluation: EtaEvaluation }) {
  const { slices, horizons } = evaluation;
  const offered = KINDS.filter(({ kind }) =>
    kind === 'horizon' ? horizons.length > 0 : slices.some(({ by }) => by === kind),
  );
  const [picked, pick] = useState<Kind>('hour');
  const shown = offered.find(({ kind }) => kind === picked) ?? offered[0];
  return (
    <section>
      <header className="row slices-head">
        <h3>Test error by</h3>
        <div className="segmented">
          {offered.map(({ kind, label }) => (
            <button key={kind} type="button" aria-pressed={kind === shown.kind} onClick={() => pick(kind)}>
              {label}
            </button>
          ))}
        </div>
      </header>
      {shown.kind === 'hour' && <ByHour slices={slices} />}
      {shown.kind === 'horizon' && <ByHorizon horizons={horizons} />}
      {shown.kind !== 'hour' && shown.kind !== 'horizon' && (
        <Groups slices={slices.filter(({ by }) => by === shown.kind)} column={shown.column} />
      )}
      {shown.note && <p className="note">{shown.note}</p>}
    </section>
  );
}

function ByHour({ slices }: { slices: EtaEvaluation['slices'] }) {
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const label = `${String(hour).padStart(2, '0')}:00`;
    return { label, metrics: slices.find((row) => row.by === 'hour' && row.label === label)?.metrics };
  });
  return (
    <Figure
      title="Mean absolute error by hour of departure"
      quantity="MAE, s"
      table={{
        head: ['departure', 'MAE, s', 'bad', 'trips'],
        rows: hours.map(({ label, metrics }) => [
          label,
          metrics ? fixed(metrics.maeS) : 'none',
          metrics ? percent(metrics.badShare, 1) : 'none',
          count(metrics?.n ?? 0),
        ]),
      }}
    >
      <BarChart
        label="Mean absolute error by hour of departure"
        height={150}
        values={hours.map(({ metrics }) => metrics?.maeS ?? 0)}
        marks={[0, 6, 12, 18, 24].map((hour) => ({
          at: hour,
          text: `${String(hour).padStart(2, '0')}:00`,
        }))}
        name={(hour) => hours[hour].label}
        yAxis
        yFormat={(value) => fixed(value, 0)}
      />
    </Figure>
  );
}

type Group = EtaEvaluation['slices'][number];

function Groups({ slices, column }: { slices: readonly Group[]; column: string }) {
  const largest = Math.max(...slices.map(({ metrics }) => metrics.maeS));
  return (
    <DataTable<Group>
      label={`Errors by ${column.toLowerCase()}`}
      className="tight"
      rows={slices}
      rowKey={({ label }) => label}
      columns={[
        { id: 'group', head: column, className: 'slice-label', value: ({ label }) => label },
        {
          id: 'mae',
          head: 'MAE, s',
          numeric: true,
          className: 'strong',
          value: ({ metrics }) => metrics.maeS,
          cell: ({ metrics }) => <SliceBar share={metrics.maeS / largest}>{fixed(metrics.maeS)}</SliceBar>,
        },
        {
          id: 'mape',
          head: 'MAPE',
          numeric: true,
          value: ({ metrics }) => metrics.mape,
          cell: ({ metrics }) => percent(metrics.mape, 1),
        },
        {
          id: 'bias',
          head: 'Bias, s',
          numeric: true,
          value: ({ metrics }) => metrics.biasS,
          cell: ({ metrics }) => signed(metrics.biasS, 0),
        },
        {
          id: 'bad',
          head: 'Bad',
          numeric: true,
          value: ({ metrics }) => metrics.badShare,
          cell: ({ metrics }) => percent(metrics.badShare, 1),
        },
        {
          id: 'trips',
          head: 'Trips',
          numeric: true,
          className: 'secondary',
          value: ({ metrics }) => metrics.n,
          cell: ({ metrics }) => count(metrics.n),
        },
      ]}
    />
  );
}

type Horizon = EtaEvaluation['horizons'][number];

function ByHorizon({ horizons }: { horizons: readonly Horizon[] }) {
  const largest = Math.max(...horizons.flatMap(({ modelS, anchorS }) => [modelS, anchorS]));
  return (
    <DataTable<Horizon>
      label="Errors by horizon"
      className="tight"
      rows={horizons}
      rowKey={({ fromMin }) => fromMin}
      columns={[
        {
          id: 'after',
          head: 'Segment entered after',
          value: ({ fromMin }) => fromMin,
          cell: ({ fromMin, toMin }) => (toMin === null ? `over ${fromMin} min` : `${fromMin}–${toMin} min`),
        },
        {
          id: 'mae',
          head: 'MAE, s',
          numeric: true,
          className: 'strong',
          value: ({ modelS }) => modelS,
          cell: ({ modelS }) => <SliceBar share={modelS / largest}>{fixed(modelS, 2)}</SliceBar>,
        },
        {
          id: 'anchor',
          head: 'Segment model, s',
          numeric: true,
          value: ({ anchorS }) => anchorS,
          cell: ({ anchorS }) => fixed(anchorS, 2),
        },
        {
          id: 'driven',
          head: 'Segments driven',
          numeric: true,
          className: 'secondary',
          value: ({ n }) => n,
          cell: ({ n }) => count(n),
        },
      ]}
    />
  );
}

/** A figure behind a bar of its size. */
function SliceBar({ share, children }: { share: number; children: string }) {
  return (
    <span className="slice-cell">
      <span className="slice-bar" aria-hidden>
        <i style={{ width: `${100 * share}%` }} />
      </span>
      {children}
    </span>
  );
}
