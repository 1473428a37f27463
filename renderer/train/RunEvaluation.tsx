import type { EtaEvaluation } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { clock, count, fixed, percent, signed } from '../format/format.ts';

/** Where the test error lies: by hour of departure and by length of the trip. */
export function RunEvaluation({ evaluation }: { evaluation: EtaEvaluation }) {
  const hours = Array.from(
    { length: 24 },
    (_, hour) => evaluation.byHour.find((row) => row.hour === hour)?.metrics ?? null,
  );
  return (
    <section className="curve-pair">
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
      <div>
        <h3 className="by-length-head">Test error by length</h3>
        <table className="grid tight">
          <thead>
            <tr>
              <th>Trip, km</th>
              <th className="num">MAE, s</th>
              <th className="num">MAPE</th>
              <th className="num">Bias, s</th>
              <th className="num">Trips</th>
            </tr>
          </thead>
          <tbody>
            {evaluation.byLength
              .filter((row) => row.metrics.n > 0)
              .map((row) => (
                <tr key={row.fromKm}>
                  <td>{row.toKm === null ? `over ${row.fromKm}` : `${row.fromKm}–${row.toKm}`}</td>
                  <td className="num strong">{fixed(row.metrics.maeS)}</td>
                  <td className="num">{percent(row.metrics.mape, 1)}</td>
                  <td className="num">{signed(row.metrics.biasS, 0)}</td>
                  <td className="num secondary">{count(row.metrics.n)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
