import type { EtaEvaluation } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { clock, count, fixed, signed } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';

/** Where the test error lies: by hour of departure and by length of the trip. */
export function RunEvaluation({ evaluation }: { evaluation: EtaEvaluation }) {
  const hours = Array.from(
    { length: 24 },
    (_, hour) => evaluation.byHour.find((row) => row.hour === hour)?.metrics ?? null,
  );
  return (
    <section className="curve-stack">
      <Figure
        title="Test error by hour"
        quantity="MAE, s"
        table={{
          head: ['departure', 'MAE, s', 'trips'],
          rows: hours.map((metrics, hour) => [
            clock(hour * 60),
            metrics ? fixed(metrics.maeS) : 'none',
            count(metrics?.n ?? 0),
          ]),
        }}
      >
        <BarChart
          label="Mean absolute error by hour of departure"
          height={124}
          values={hours.map((metrics) => metrics?.maeS ?? 0)}
          marks={[0, 6, 12, 18, 24].map((hour) => ({
            at: hour,
            text: hour === 24 ? '24:00' : clock(hour * 60),
          }))}
          name={(hour) => clock(hour * 60)}
          yAxis
          yFormat={(value) => fixed(value, 0)}
        />
      </Figure>
      <DataTable
        label="Test error by length"
        title={<h3>Test error by length</h3>}
        className="tight"
        rows={evaluation.byLength.filter((row) => row.metrics.n > 0)}
        rowKey={(row) => row.fromKm}
        columns={[
          {
            id: 'length',
            head: 'Trip, km',
            value: (row) => (row.toKm === null ? `over ${row.fromKm}` : `${row.fromKm}–${row.toKm}`),
          },
          {
            id: 'mae',
            head: 'MAE, s',
            numeric: true,
            className: 'strong',
            value: (row) => row.metrics.maeS,
            cell: (row) => fixed(row.metrics.maeS),
          },
          {
            id: 'mape',
            head: 'MAPE, %',
            numeric: true,
            value: (row) => 100 * row.metrics.mape,
            cell: (row) => fixed(100 * row.metrics.mape),
          },
          {
            id: 'bias',
            head: 'Bias, s',
            numeric: true,
            value: (row) => row.metrics.biasS,
            cell: (row) => signed(row.metrics.biasS, 0),
          },
          {
            id: 'trips',
            head: 'Trips',
            numeric: true,
            className: 'secondary',
            value: (row) => row.metrics.n,
            cell: (row) => count(row.metrics.n),
          },
        ]}
      />
    </section>
  );
}
