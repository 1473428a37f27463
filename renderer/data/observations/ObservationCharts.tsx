import { useEffect, useState } from 'react';
import { api } from '../../api/connection.ts';
import type { ApiProjectInfo, ObservationSummary } from '../../api/types.ts';
import { BarChart } from '../../charts/BarChart.tsx';
import { Figure } from '../../charts/Figure.tsx';
import { clock, count, day as dayLabel, dayOfMonth, fixed, percent } from '../../format/format.ts';
import { Waiting } from '../../shell/Waiting.tsx';

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
  const marks = byDay.length === 0 ? [] : [...new Set([0, Math.floor(byDay.length / 2), byDay.length - 1])];
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
          marks={[0, 6, 12, 18, 24].map((hour) => ({
            at: hour,
            text: hour === 24 ? '24:00' : clock(hour * 60),
          }))}
          name={(hour) => clock(hour * 60)}
          yAxis
          yFormat={(value) => fixed(value, 0)}
        />
      </Figure>
    </section>
  );
}
