import type { ApiRouteAnswer } from '../api/types.ts';
import { minuteRange, minutes, signed } from '../format/format.ts';
import { PlaceField } from '../map/PlaceField.tsx';
import { useMap } from '../stores/map.ts';
import { useRoute } from '../stores/route.ts';
import { useScenarios } from '../stores/scenarios.ts';
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
          <table className="grid tight" aria-label="Route in both cases">
            <thead>
              <tr>
                <th>Case</th>
                <th className="num">ETA, min</th>
                <th className="num">8 of 10</th>
                <th className="num">km</th>
              </tr>
            </thead>
            <tbody>
              <Case name="Base" answer={route.base} />
              <Case name="Scenario" answer={route.scenario} />
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function Case({ name, answer }: { name: string; answer: ApiRouteAnswer | null }) {
  return (
    <tr>
      <td>{name}</td>
      <td className="num strong">{answer ? minutes(answer.etaS) : '—'}</td>
      <td className="num secondary">{answer ? minuteRange(answer.lowS, answer.highS) : '—'}</td>
      <td className="num">{answer ? (answer.distanceM / 1000).toFixed(1) : '—'}</td>
    </tr>
  );
}

const minutesOf = ({ value, low, high }: { value: number; low: number; high: number }) => ({
  value: value / 60,
  low: low / 60,
  high: high / 60,
});
