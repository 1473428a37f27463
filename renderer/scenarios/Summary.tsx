import { TriangleAlert } from 'lucide-react';
import type { ApiScenarioSummary } from '../api/types.ts';
import { fixed, percent, signed } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { RangeMark, rangeText } from './RangeMark.tsx';

const NONE = '—';

const flow = (tripsAnHour: number) => fixed(tripsAnHour, tripsAnHour < 9.95 ? 1 : 0);

/** What the edits change in the hour, against the base case. */
export function Summary() {
  const { summary, edits, loading } = useScenarios();
  const hour = Math.floor(useMap((state) => state.minute) / 60);
  if (!summary || edits.length === 0) return null;
  const { vehicleHours, meanDelayS } = summary;
  return (
    <section className={loading ? 'scenario-section outdated' : 'scenario-section'} aria-label="Difference">
      <header className="spread">
        <h2>Difference to the base case</h2>
        <span className="note">
          {String(hour).padStart(2, '0')}:00–{String(hour + 1).padStart(2, '0')}:00
        </span>
      </header>
      <p className="answer">
        {signed(meanDelayS.value, Math.abs(meanDelayS.value) < 10 ? 1 : 0)} <small>s a trip</small>
      </p>
      <p className="secondary">
        {rangeText(meanDelayS, 1)} s · {signed(vehicleHours.value, 2)} vehicle-hours (
        {rangeText(vehicleHours, 2)})
      </p>
      <Shares summary={summary} />
      <Streets summary={summary} />
      <Notices summary={summary} />
      <p className="note">
        Trips are those of the project, an hour. Ranges: 95 % of means over days, and volume–delay curves from
        flat to steep.
      </p>
    </section>
  );
}

function Shares({ summary }: { summary: ApiScenarioSummary }) {
  const { trips, concerned, rerouted, delayed, stranded } = summary;
  const rows: [string, number][] = [
    ['Trips concerned', concerned],
    ['On another way', rerouted],
    ['Over 1 min longer', delayed],
    ...(stranded > 0 ? [['Without a way', stranded] as [string, number]] : []),
  ];
  return (
    <dl className="facts scenario-facts">
      {rows.map(([name, value]) => (
        <div key={name} className="spread">
          <dt className="secondary">{name}</dt>
          <dd>
            {fixed(value, 1)} <span className="secondary">{percent(value / Math.max(trips, 1e-9), 1)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Streets({ summary }: { summary: ApiScenarioSummary }) {
  const shown = summary.streets.slice(0, 8);
  if (shown.length === 0) return <p className="secondary">No street changes to speak of.</p>;
  const most = Math.max(
    ...shown.flatMap(({ vehicleHours: { low, high } }) => [Math.abs(low), Math.abs(high)]),
    0.01,
  );
  const kmh = (speed: number | null) => (speed === null ? NONE : fixed(speed, 0));
  return (
    <table className="grid tight streets" aria-label="Most changed streets">
      <thead>
        <tr>
          <th>Street</th>
          <th className="num">Trips/h</th>
          <th className="num">km/h</th>
          <th className="num" colSpan={2}>
            Vehicle-hours
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((street) => (
          <tr key={street.name}>
            <td className="ellipsis">{street.name}</td>
            <td className="num">
              <span className="secondary">{flow(street.flowBefore)}</span> {flow(street.flowAfter)}
            </td>
            <td className="num">
              <span className="secondary">{kmh(street.speedBeforeKmh)}</span> {kmh(street.speedAfterKmh)}
            </td>
            <td>
              <RangeMark range={street.vehicleHours} most={most} />
            </td>
            <td className="num" title={rangeText(street.vehicleHours, 2)}>
              {signed(street.vehicleHours.value, 2)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Notices({ summary }: { summary: ApiScenarioSummary }) {
  const general = summary.notices.filter(({ edit }) => edit === null);
  const own = summary.notices.length - general.length;
  if (summary.notices.length === 0) return null;
  return (
    <div className="problem warning" role="note">
      <TriangleAlert size={15} aria-hidden />
      <div>
        <p className="what">Beyond what the trips can tell</p>
        {general.map(({ message }) => (
          <p key={message} className="secondary">
            {message}
          </p>
        ))}
        {own > 0 && (
          <p className="secondary">{own === 1 ? 'An edit says' : `${own} edits say`} more in its row.</p>
        )}
      </div>
    </div>
  );
}
