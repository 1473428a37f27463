import { useEffect } from 'react';
import { action } from '../actions/actions.ts';
import { count } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useProject } from '../stores/project.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { CoverageFigures } from './CoverageFigures.tsx';
import { DrawForm } from './DrawForm.tsx';
import { SupersegmentDetail } from './SupersegmentDetail.tsx';
import { SupersegmentMap } from './SupersegmentMap.tsx';
import { SupersegmentTable } from './SupersegmentTable.tsx';
import '../map/map.css';
import './supersegments.css';

/** The supersegments of the project's traffic: what they cover, where they run, how long they take. */
export function SupersegmentsTab() {
  const hasTrips = useProject((state) => (state.project?.trips ?? 0) > 0);
  const { catalogue, loading, problem, draw, cancel } = useSupersegments();
  useEffect(() => {
    if (hasTrips && !useSupersegments.getState().asked) void useSupersegments.getState().draw();
  }, [hasTrips]);
  return (
    <>
      <header className="tab-header">
        <h1>Supersegments</h1>
        {catalogue && <span className="secondary">{count(catalogue.rows.length)}</span>}
        <span className="grow" />
        <button
          type="button"
          className="button primary"
          disabled={!hasTrips || loading !== null}
          onClick={() => void draw()}
        >
          Draw supersegments
        </button>
      </header>
      {!hasTrips ? (
        <NoTrips />
      ) : (
        <div className="supersegment-page">
          <aside className="supersegment-panel scroll" aria-label="Supersegments" data-region="Supersegments">
            <DrawForm />
            {problem && <ProblemNote problem={problem} />}
            {loading && <CallWaiting title="Drawing supersegments" call={loading} cancel={cancel} />}
            <SupersegmentDetail />
            <CoverageFigures />
            <SupersegmentTable />
          </aside>
          <div className="map-stage" data-region="Supersegment map">
            <SupersegmentMap />
          </div>
        </div>
      )}
    </>
  );
}

function NoTrips() {
  const next = action('data.import');
  return (
    <section className="nothing-yet">
      <h2 className="object-title">No traffic to draw from</h2>
      <p className="secondary">
        Supersegments are stretches of about 20 segments, drawn in proportion to how often roads are driven.
        They need a road network and trips. Drawing 2,000 of them takes a few seconds.
      </p>
      <button type="button" className="button primary" onClick={() => next.run()}>
        Import trips first
      </button>
    </section>
  );
}
