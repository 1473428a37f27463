import { action } from '../actions/actions.ts';
import type { TripPreview } from '../api/types.ts';
import { bytes, fileName } from '../format/format.ts';
import { useShell } from '../stores/shell.ts';
import { useTripImport } from '../stores/tripImport.ts';
import { FIELDS } from './fields.ts';
import { JobOutcome, LastReport } from './JobOutcome.tsx';

/** The last step: what will be written, then the job and its report. */
export function ImportStep({ preview }: { preview: TripPreview }) {
  const { path, mapping, timeZone, jobId } = useTripImport();
  const used = FIELDS.filter((field) => mapping[field.key]);
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <section className="report-box">
          <h2>
            {path && fileName(path)} <span className="secondary">{bytes(preview.sizeBytes)}</span>
          </h2>
          <dl className="facts">
            {used.map((field) => (
              <div key={field.key} className="spread">
                <dt className="secondary">{field.label}</dt>
                <dd className="mono">{mapping[field.key]}</dd>
              </div>
            ))}
            {mapping.dayOfYear && (
              <div className="spread">
                <dt className="secondary">Year</dt>
                <dd>{mapping.year}</dd>
              </div>
            )}
            <div className="spread">
              <dt className="secondary">Time zone</dt>
              <dd>{timeZone}</dd>
            </div>
          </dl>
        </section>
        <JobOutcome jobId={jobId} back={() => useTripImport.setState({ jobId: null, step: 'Columns' })}>
          <Done />
        </JobOutcome>
      </div>
    </div>
  );
}

function Done() {
  const clear = useTripImport((state) => state.clear);
  const then = (run: () => void) => () => {
    clear();
    run();
  };
  return (
    <>
      <LastReport kind="trips" />
      <div className="row">
        <button type="button" className="button primary" onClick={then(() => action('train.new').run())}>
          Train a run
        </button>
        <button type="button" className="button" onClick={then(() => useShell.getState().go('map'))}>
          See the map
        </button>
        <button type="button" className="button" onClick={clear}>
          Import more trips
        </button>
      </div>
    </>
  );
}
