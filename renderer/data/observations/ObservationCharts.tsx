import { useEffect, useState } from 'react';
import { api } from '../../api/connection.ts';
import type { ApiProjectInfo, ObservationSummary } from '../../api/types.ts';
import { BarChart } from '../../charts/BarChart.tsx';
import { Figure } from '../../charts/Figure.tsx';
import { clock, count, day as dayLabel, fixed, percent } from '../../format/format.ts';
import { Waiting } from '../../shell/Waiting.tsx';
import { dayMarks, HOUR_MARKS } from '../timeMarks.ts';

/** When and where speeds were observed, and how fast the traffic was. */
export function ObservationCharts({ project }: { project: ApiProjectInfo }) {
  const [summary, setSummary] = useState<ObservationSummary | null>(null);
  const [since] = useState(Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again whenever the observations have changed
  useEffect(() => {
    let current = true;
    api()
      .observations.summary()
      .then((answer) => current && setSummary(answer))
      .catch(() => current && setSummary(null));
    return () => {
      current = false;
    };
  }, [project.observations, project.path]);
  if (!summary) return <Waiting what="Counting observations" since={since} />;

  const { byDay, byHour, segments } = summary;
  const kmh = (mean: number | null) => (mean === null ? '—' : fixed(mean));
  const covered = segments.allKm > 0 ? segments.observedKm / segments.allKm : 0;
  return (
    <section className="trip-charts">
      <Figure
        title="Observations by day"
        quantity={`${percent(covered)} of the road length, ${count(segments.median)} a segment in the median`}
        table={{
          head: ['day', 'observations', 'mean km/h'],
          rows: byDay.map((row) => [dayLabel(row.day), count(row.observations), kmh(row.meanKmh)]),
        }}
      >
        <BarChart
          label="Observations by day"
          height={150}
          values={byDay.map((row) => row.observations)}
          marks={dayMarks(byDay.map(({ day }) => day))}
          name={(i) => dayLabel(byDay[i]!.day)}
          yAxis
          yFormat={count}
        />
      </Figure>
      <Figure
        title="Observed speed by hour"
        quantity="mean, km/h"
        table={{
          head: ['hour', 'observations', 'mean km/h'],
          rows: byHour.map((row, hour) => [clock(hour * 60), count(row.observations), kmh(row.meanKmh)]),
        }}
      >
        <BarChart
          label="Mean observed speed by hour of the day, km/h"
          height={150}
          values={byHour.map((row) => row.meanKmh ?? 0)}
          marks={HOUR_MARKS}
          name={(hour) => clock(hour * 60)}
          yAxis
          yFormat={(value) => fixed(value, 0)}
        />
      </Figure>
    </section>
  );
}
