import { X } from 'lucide-react';
import type { ApiSupersegmentDetail } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { clock, count, counted, fixed } from '../format/format.ts';
import { useSupersegments } from '../stores/supersegments.ts';

/** The supersegment that is selected: what it is, and its times over the day. */
export function SupersegmentDetail() {
  const { detail, select, catalogue } = useSupersegments();
  if (!detail)
    return catalogue ? (
      <p className="secondary">Choose a supersegment below to see it on the map and its times by hour.</p>
    ) : null;
  const { row } = detail;
  return (
    <section aria-label="Selected supersegment">
      <header className="spread">
        <h2 className="object-title">{row.name}</h2>
        <button
          type="button"
          className="button icon small plain"
          aria-label="Clear the selection"
          onClick={() => void select(null)}
        >
          <X size={14} aria-hidden />
        </button>
      </header>
      <p className="secondary supersegment-detail-line">
        Supersegment {row.id} · {fixed(row.lengthM / 1000, 2)} km · {counted(row.segments, 'segment')},{' '}
        {count(row.extended)} around · {counted(row.drives, 'drive')} from end to end
      </p>
      <HourChart detail={detail} />
    </section>
  );
}

function HourChart({ detail: { row, byHour, meanByHourS } }: { detail: ApiSupersegmentDetail }) {
  const hours = new Map(byHour.map((each) => [each.hour, each]));
  const middle = (hour: number) => 60 * hour + 30;
  const medians = meanByHourS.map((_, hour): XY => [middle(hour), hours.get(hour)?.medianS ?? Number.NaN]);
  const means = meanByHourS.map((mean, hour): XY => [middle(hour), mean ?? Number.NaN]);
  const known = (value: number | null | undefined) => value ?? null;
  const text = (value: number | null) => (value === null ? '' : fixed(value));
  const values = meanByHourS.map((mean, hour) => {
    const own = hours.get(hour);
    return [known(own?.medianS), known(own?.lowS), known(own?.highS), mean];
  });
  const most = Math.max(
    row.freeFlowS,
    ...byHour.map(({ highS }) => highS),
    ...meanByHourS.map((s) => s ?? 0),
  );
  return (
    <Figure
      title="Times by hour"
      quantity="seconds, end to end"
      xLabel="hour of entry"
      keys={[
        { name: 'median of drives', token: 'accent' },
        { name: '10–90 %', token: 'line-strong' },
        { name: 'sum of segments’ means', token: 'text' },
        { name: 'free flow', token: 'baseline' },
      ]}
      table={{
        head: ['hour', 'median', '10 %', '90 %', 'mean', 'drives'],
        rows: values.map((cells, hour) => [
          clock(60 * hour),
          ...cells.map(text),
          count(hours.get(hour)?.count ?? 0),
        ]),
        exact: values.map((cells, hour) => [clock(60 * hour), ...cells, hours.get(hour)?.count ?? 0]),
      }}
    >
      <LineChart
        label={`Seconds from end to end by hour: ${counted(row.drives, 'drive')}`}
        height={170}
        leftPx={38}
        rightPx={18}
        bottomPx={24}
        xDomain={[0, 1440]}
        yDomain={[0, 1.1 * most]}
        xTicks={[0, 360, 720, 1080, 1440]}
        xFormat={(value) => (value === 1440 ? '24:00' : clock(value))}
        yFormat={(value) => fixed(value, 0)}
        rules={[{ y: row.freeFlowS, label: '' }]}
        series={[
          { name: 'mean', points: means, color: 'var(--text-2)', width: 1.4 },
          { name: 'median', points: medians, color: 'var(--accent)', width: 2 },
        ]}
      >
        {(x, y) => (
          // Bars, not a band: hours without a drive are not joined over.
          <g className="segment-usual">
            {byHour.map(({ hour, lowS, highS, count: drives }) => (
              <rect
                key={hour}
                x={x(60 * hour) + 1}
                width={Math.max(1, x(60) - x(0) - 2)}
                y={y(highS)}
                height={Math.max(1, y(lowS) - y(highS))}
              >
                <title>{`${clock(60 * hour)}: ${fixed(lowS)}–${fixed(highS)} s, ${counted(drives, 'drive')}`}</title>
              </rect>
            ))}
          </g>
        )}
      </LineChart>
      <ul className="chart-key note">
        {byHour.length > 0 && (
          <li>
            <i className="line-key accent" /> median of drives, bars 10–90 %
          </li>
        )}
        <li>
          <i className="supersegment-mean-key" /> sum of the segments’ means
        </li>
        <li>
          <i className="supersegment-free-key" /> free flow {fixed(row.freeFlowS, 0)} s
        </li>
      </ul>
    </Figure>
  );
}
