import { PanelRight } from 'lucide-react';
import { action } from '../actions/actions.ts';
import { ExplainLegend } from '../explain/ExplainLegend.tsx';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { usableRuns, useRuns } from '../stores/runs.ts';
import { useShell } from '../stores/shell.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { Inspector } from './Inspector.tsx';
import { IsochroneLegend } from './IsochroneLegend.tsx';
import { LayerPicker } from './LayerPicker.tsx';
import { LayerProgress, StoppedNote } from './LayerProgress.tsx';
import { Legend } from './Legend.tsx';
import { MapView } from './MapView.tsx';
import { DayPicker, RunPicker } from './Pickers.tsx';
import { TimeStrip } from './TimeStrip.tsx';
import './map.css';

export function MapTab() {
  const project = useProject((state) => state.project);
  const { inspectorOpen, toggleInspector } = useShell();
  const day = useMap((state) => state.day);
  const hasSpeeds = useHasSpeeds();
  if (!project?.bounds) return <NoRoads />;
  return (
    <>
      <header className="tab-header">
        <h1>Map</h1>
        {hasSpeeds && <RunPicker />}
        {hasSpeeds && <DayPicker />}
        <span className="grow" />
        {hasSpeeds && <LayerPicker />}
        <button
          type="button"
          className="button icon plain"
          aria-label={inspectorOpen ? 'Hide the inspector' : 'Show the inspector'}
          aria-pressed={inspectorOpen}
          title="Ctrl J"
          onClick={() => toggleInspector()}
        >
          <PanelRight size={16} aria-hidden />
        </button>
      </header>
      <div className="map-page">
        <div className="map-column">
          <div className="map-stage" data-region="Map">
            <MapView />
            <Legend />
            <IsochroneLegend />
            <ExplainLegend />
            <MapNotices />
          </div>
          {day && hasSpeeds && <TimeStrip />}
        </div>
        {inspectorOpen && <Inspector />}
      </div>
    </>
  );
}

/** Whether there is anything to say of speeds: trips, or a run trained on observations of segments. */
function useHasSpeeds(): boolean {
  const trips = useProject((state) => state.project?.trips ?? 0);
  const runs = useRuns((state) => state.runs);
  return trips > 0 || usableRuns(runs).length > 0;
}

function MapNotices() {
  const { loading, problem, layer, setLayer } = useMap();
  const drawing = useSupersegments((state) => (layer === 'coverage' ? state.loading : null));
  const hasSpeeds = useHasSpeeds();
  return (
    <div className="map-notices">
      {problem && <ProblemNote problem={problem} />}
      {drawing && (
        <CallWaiting
          title="Drawing supersegments"
          call={drawing}
          cancel={() => {
            setLayer('speed');
            useSupersegments.getState().cancel();
          }}
        />
      )}
      {!problem && !drawing && loading && <LayerProgress key={loading.since} loading={loading} />}
      {!problem && !loading && <StoppedNote />}
      {!hasSpeeds && (
        <p className="map-notice">
          Roads only so far.{' '}
          <button type="button" className="link" onClick={() => action('data.trips').run()}>
            Import trips
          </button>{' '}
          to see speeds.
        </p>
      )}
    </div>
  );
}

function NoRoads() {
  return (
    <section className="nothing-yet">
      <h1>No roads yet</h1>
      <p className="secondary">
        The map shows the project’s own road network: an OpenStreetMap extract, OSMnx tables or GeoJSON. A
        city takes under a minute.
      </p>
      <button type="button" className="button primary" onClick={() => action('data.roads').run()}>
        Import road network
      </button>
    </section>
  );
}
