import type { ApiRouteAnswer } from '../api/types.ts';
import { minuteRange, minutes, signed } from '../format/format.ts';
import { PlaceField } from '../map/PlaceField.tsx';
import { useMap } from '../stores/map.ts';
import { useRoute } from '../stores/route.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { DataTable } from '../table/DataTable.tsx';
import { rangeText } from './RangeMark.tsx';

/** A to B with and without the edits. */
export function RouteDifference() {
  const { route, loading } = useScenarios();
  const { a, b } = useRoute();
  const runId = useMap((state) => state.runId);
  return (
    <section
      className={loading ? 'scenario-section outdated' : 'scenario-section'}
      aria-label="Route difference"
    >
      <h2>Route</h2>
      <PlaceField end="a" />
      <PlaceField end="b" />
      {a && b && runId === null && (
        <p className="secondary">Choose a trained run above: it predicts routes.</p>
      )}
      {route && (
        <>
          {route.differenceS ? (
            <p>
              <span className="answer">
                {signed(route.differenceS.value / 60, 1)} <small>min</small>
              </span>{' '}
              <span className="secondary">{rangeText(minutesOf(route.differenceS), 1)} min</span>
            </p>
          ) : (
            <p className="edit-notice">
              No way leads there {route.base ? 'in the scenario.' : 'in the base case.'}
            </p>
          )}
          <Cases
            rows={[
              { name: 'Base', answer: route.base },
              { name: 'Scenario', answer: route.scenario },
            ]}
          />
        </>
      )}
    </section>
  );
}

interface CaseRow {
  name: string;
  answer: ApiRouteAnswer | null;
}

function Cases({ rows }: { rows: readonly CaseRow[] }) {
  return (
    <DataTable<CaseRow>
      label="Route in both cases"
      title={<h3>Route in both cases</h3>}
      className="tight"
      rows={rows}
      rowKey={({ name }) => name}
      columns={[
        { id: 'case', head: 'Case', value: ({ name }) => name },
        {
          id: 'eta',
          head: 'ETA, min',
          numeric: true,
          className: 'strong',
          value: ({ answer }) => answer && answer.etaS / 60,
          cell: ({ answer }) => (answer ? minutes(answer.etaS) : '—'),
        },
        {
          id: 'range',
          head: '8 of 10',
          numeric: true,
          className: 'secondary',
          value: ({ answer }) => answer && minuteRange(answer.lowS, answer.highS),
          cell: ({ answer }) => (answer ? minuteRange(answer.lowS, answer.highS) : '—'),
        },
        {
          id: 'km',
          head: 'km',
          numeric: true,
          value: ({ answer }) => answer && answer.distanceM / 1000,
          cell: ({ answer }) => (answer ? (answer.distanceM / 1000).toFixed(1) : '—'),
        },
      ]}
    />
  );
}

const minutesOf = ({ value, low, high }: { value: number; low: number; high: number }) => ({
  value: value / 60,
  low: low / 60,
  high: high / 60,
});
