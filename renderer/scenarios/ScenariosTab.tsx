import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { action } from '../actions/actions.ts';
import { isEnabled } from '../actions/registry.ts';
import { clock, parseClock } from '../format/format.ts';
import { DayPicker, RunPicker } from '../map/Pickers.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useRoute } from '../stores/route.ts';
import { type ScenarioView, useScenarios } from '../stores/scenarios.ts';
import { Edits } from './Edits.tsx';
import { RouteDifference } from './RouteDifference.tsx';
import { ScenarioList } from './ScenarioList.tsx';
import { ScenarioMap } from './ScenarioMap.tsx';
import { Summary } from './Summary.tsx';
import '../map/map.css';
import './scenarios.css';

export function ScenariosTab() {
  const { loaded, list, id, refresh } = useScenarios();
  const hasRoads = useProject((state) => state.project?.bounds != null);
  const newScenario = action('scenario.new');
  const enabled = isEnabled(newScenario);
  useEffect(() => {
    if (!loaded) void refresh();
  }, [loaded, refresh]);
  useQuestions();
  return (
    <>
      <header className="tab-header">
        <h1>Scenarios</h1>
        {id !== null && (
          <>
            <RunPicker />
            <DayPicker />
            <ClockField />
          </>
        )}
        <span className="grow" />
        {id !== null && <ViewSwitch />}
        {!enabled && <span className="secondary">{newScenario.reason}</span>}
        <button
          type="button"
          className="button primary"
          disabled={!enabled}
          onClick={() => newScenario.run()}
        >
          <Plus size={14} aria-hidden /> New scenario
        </button>
      </header>
      {id === null || !hasRoads ? (
        <Nothing waiting={!loaded} any={list.length > 0} enabled={enabled} />
      ) : (
        <div className="scenario-page">
          <Panel />
          <div className="map-stage" data-region="Scenario map">
            <ScenarioMap />
          </div>
        </div>
      )}
    </>
  );
}

/** Asks anew when time, run or the route's ends change on any tab. */
function useQuestions(): void {
  const compute = useScenarios((state) => state.compute);
  const id = useScenarios((state) => state.id);
  const { day, minute, runId, roadsVersion } = useMap();
  const a = useRoute((state) => state.a);
  const b = useRoute((state) => state.b);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are the question, which the store reads itself
  useEffect(() => {
    if (id === null) return;
    const timer = setTimeout(compute, 150);
    return () => clearTimeout(timer);
  }, [id, day, minute, runId, roadsVersion, a, b, compute]);
}

function Panel() {
  const { problem, loading } = useScenarios();
  return (
    <aside className="scenario-panel scroll" aria-label="Scenario" data-region="Scenario">
      <ScenarioList />
      <Edits />
      {problem && (
        <div className="scenario-problem">
          <ProblemNote problem={problem} />
        </div>
      )}
      <div className="scenario-wait">
        {loading ? <Waiting what={loading.what} since={loading.since} /> : null}
      </div>
      <Summary />
      <RouteDifference />
    </aside>
  );
}

function ClockField() {
  const { minute, setMinute } = useMap();
  const [text, setText] = useState<string | null>(null);
  const done = () => {
    const chosen = text === null ? null : parseClock(text);
    if (chosen !== null) setMinute(chosen);
    setText(null);
  };
  return (
    <label className="row">
      <span className="secondary">at</span>
      <input
        className="input clock-input"
        aria-label="Scenario time"
        value={text ?? clock(minute)}
        onChange={(event) => setText(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === 'Enter') done();
        }}
      />
    </label>
  );
}

const VIEWS: [ScenarioView, string][] = [
  ['slider', 'Base | scenario'],
  ['difference', 'Difference'],
];

function ViewSwitch() {
  const { view, setView } = useScenarios();
  return (
    <fieldset className="segmented" aria-label="Map shows">
      {VIEWS.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={view === value} onClick={() => setView(value)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}

function Nothing({ waiting, any, enabled }: { waiting: boolean; any: boolean; enabled: boolean }) {
  const problem = useScenarios((state) => state.problem);
  if (problem)
    return (
      <div className="nothing-yet">
        <ProblemNote problem={problem} />
      </div>
    );
  if (waiting || any) return null;
  return (
    <section className="nothing-yet">
      <h2 className="object-title">No scenarios yet</h2>
      <p className="secondary">
        A scenario closes roads, changes limits, lanes, capacity or demand, or adds a link, and shows what
        becomes of ETAs, routes and the map. A first answer takes about 10 s.
      </p>
      <button
        type="button"
        className="button primary"
        onClick={() => action(enabled ? 'scenario.new' : 'data.import').run()}
      >
        {enabled ? 'New scenario' : 'Import trips first'}
      </button>
    </section>
  );
}
