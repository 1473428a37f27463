import { TriangleAlert } from 'lucide-react';
import type { ApiScenarioSummary } from '../api/types.ts';
import { fixed, percent, signed } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { DataTable } from '../table/DataTable.tsx';
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

type Street = ApiScenarioSummary['streets'][number];

const SHOWN_STREETS = 8;

function Streets({ summary: { streets } }: { summary: ApiScenarioSummary }) {
  const most = Math.max(
    ...streets.flatMap(({ vehicleHours: { low, high } }) => [Math.abs(low), Math.abs(high)]),
    0.01,
  );
  const kmh = (speed: number | null) => (speed === null ? NONE : fixed(speed, 0));
  return (
    <DataTable<Street>
      label="Most changed streets"
      title={<h3>Most changed streets</h3>}
      note="before, after"
      className="tight streets"
      rows={streets}
      rowKey={(street) => street.name}
      limit={SHOWN_STREETS}
      empty="No street changes to speak of."
      columns={[
        {
          id: 'street',
          head: 'Street',
          value: ({ name }) => name,
          className: 'street-name',
          cell: ({ name }) => <span className="ellipsis">{name}</span>,
        },
        {
          id: 'trips',
          head: 'Trips/h',
          numeric: true,
          value: ({ flowAfter }) => flowAfter,
          cell: ({ flowBefore, flowAfter }) => (
            <>
              <span className="secondary">{flow(flowBefore)}</span> {flow(flowAfter)}
            </>
          ),
        },
        {
          id: 'speed',
          head: 'km/h',
          numeric: true,
          value: ({ speedAfterKmh }) => speedAfterKmh,
          cell: ({ speedBeforeKmh, speedAfterKmh }) => (
            <>
              <span className="secondary">{kmh(speedBeforeKmh)}</span> {kmh(speedAfterKmh)}
            </>
          ),
        },
        {
          id: 'hours',
          head: 'Veh.-hours',
          numeric: true,
          value: ({ vehicleHours }) => vehicleHours.value,
          cell: ({ vehicleHours }) => (
            <span className="signed-cell" title={rangeText(vehicleHours, 2)}>
              <RangeMark range={vehicleHours} most={most} />
              {signed(vehicleHours.value, 2)}
            </span>
          ),
        },
      ]}
    />
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
