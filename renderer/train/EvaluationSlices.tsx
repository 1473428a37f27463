import { useState } from 'react';
import type { EtaEvaluation, SliceBy } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { count, fixed, percent, signed } from '../format/format.ts';

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

function Groups({ slices, column }: { slices: EtaEvaluation['slices']; column: string }) {
  const largest = Math.max(...slices.map(({ metrics }) => metrics.maeS));
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>{column}</th>
          <th aria-label="MAE as a bar" />
          <th className="num">MAE, s</th>
          <th className="num">MAPE</th>
          <th className="num">Bias, s</th>
          <th className="num">Bad</th>
          <th className="num">Trips</th>
        </tr>
      </thead>
      <tbody>
        {slices.map(({ label, metrics }) => (
          <tr key={label}>
            <td className="slice-label">{label}</td>
            <SliceBar share={metrics.maeS / largest} />
            <td className="num strong">{fixed(metrics.maeS)}</td>
            <td className="num">{percent(metrics.mape, 1)}</td>
            <td className="num">{signed(metrics.biasS, 0)}</td>
            <td className="num">{percent(metrics.badShare, 1)}</td>
            <td className="num secondary">{count(metrics.n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ByHorizon({ horizons }: { horizons: EtaEvaluation['horizons'] }) {
  const largest = Math.max(...horizons.flatMap(({ modelS, anchorS }) => [modelS, anchorS]));
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Segment entered after</th>
          <th aria-label="MAE as a bar" />
          <th className="num">MAE, s</th>
          <th className="num">Segment model, s</th>
          <th className="num">Segments driven</th>
        </tr>
      </thead>
      <tbody>
        {horizons.map(({ fromMin, toMin, modelS, anchorS, n }) => (
          <tr key={fromMin}>
            <td>{toMin === null ? `over ${fromMin} min` : `${fromMin}–${toMin} min`}</td>
            <SliceBar share={modelS / largest} />
            <td className="num strong">{fixed(modelS, 2)}</td>
            <td className="num">{fixed(anchorS, 2)}</td>
            <td className="num secondary">{count(n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SliceBar({ share }: { share: number }) {
  return (
    <td className="slice-bar">
      <span style={{ width: `${100 * share}%` }} />
    </td>
  );
}
