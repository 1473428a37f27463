import { useEffect, useState } from 'react';
import { api } from '../api/connection.ts';
import type { ApiProjectInfo, TripSummary } from '../api/types.ts';
import { BarChart } from '../charts/BarChart.tsx';
import { Figure } from '../charts/Figure.tsx';
import { clock, count, day as dayLabel, fixed, minutes } from '../format/format.ts';
import { Waiting } from '../shell/Waiting.tsx';
import { dayMarks, HOUR_MARKS } from './timeMarks.ts';

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
          marks={dayMarks(byDay.map(({ day }) => day))}
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
          marks={HOUR_MARKS}
          name={(hour) => clock(hour * 60)}
          yAxis
          yFormat={count}
        />
      </Figure>
    </section>
  );
}
