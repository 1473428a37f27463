import { useEffect, useState } from 'react';
import { api } from '../api/connection.ts';
import type { ApiProjectInfo, TripSummary } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { clock, count, day as dayLabel, dayOfMonth, fixed, minutes } from '../format/format.ts';
import { Waiting } from '../shell/Waiting.tsx';

/** When the trips were driven. */
export function TripCharts({ project }: { project: ApiProjectInfo }) {
  const [summary, setSummary] = useState<TripSummary | null>(null);
  const [since] = useState(Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again whenever the trips have changed
  useEffect(() => {
    let current = true;
    api()
      .trips.summary()
      .then((answer) => current && setSummary(answer))
      .catch(() => current && setSummary(null));
    return () => {
      current = false;
    };
  }, [project.trips, project.path]);
  if (!summary) return <Waiting what="Counting trips" since={since} />;

  const { byDay, byHour } = summary;
  const marks = byDay.length === 0 ? [] : [0, Math.floor(byDay.length / 2), byDay.length - 1];
  return (
    <section className="trip-charts">
      <Figure
        title="Trips by day"
        quantity={`median trip ${minutes(summary.medianS)} min, ${fixed(summary.medianKm)} km`}
        table={{ head: ['day', 'trips'], rows: byDay.map((row) => [dayLabel(row.day), count(row.trips)]) }}
      >
        <BarChart
          label="Trips by day of departure"
          height={150}
          values={byDay.map((row) => row.trips)}
          marks={marks.map((i) => ({
            at: i === 0 ? 0 : i === byDay.length - 1 ? byDay.length : i + 0.5,
            text: dayOfMonth(byDay[i]!.day),
          }))}
          name={(i) => dayLabel(byDay[i]!.day)}
          yAxis
          yFormat={count}
        />
      </Figure>
      <Figure
        title="Trips by hour"
        quantity="hour of departure"
        table={{
          head: ['hour', 'trips'],
          rows: byHour.map((trips, hour) => [clock(hour * 60), count(trips)]),
        }}
      >
        <BarChart
          label="Trips by hour of departure"
          height={150}
          values={byHour}
          marks={[0, 6, 12, 18, 24].map((hour) => ({
            at: hour,
            text: hour === 24 ? '24:00' : clock(hour * 60),
          }))}
          name={(hour) => clock(hour * 60)}
          yAxis
          yFormat={count}
        />
      </Figure>
    </section>
  );
}
