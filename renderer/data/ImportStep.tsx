import { action } from '../actions/actions.ts';
import { bytes, fileName } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useTrafficImport } from '../stores/gpsImport.ts';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import type { ImportForm } from './fields.ts';
import { JobProgress } from './JobProgress.tsx';
import { Report } from './Report.tsx';

/** The last step: what will be written, then the job and its report. */
export function ImportStep({
  form,
  path,
  sizeBytes,
  jobId,
  retry,
}: {
  form: ImportForm;
  path: string | null;
  sizeBytes: number;
  jobId: string | null;
  /** Back to the columns, after a failure. */
  retry(): void;
}) {
  const { fields, mapping, timeZone } = form;
  const job = useJobs((state) => state.jobs.find((other) => other.id === jobId));
  const used = fields.filter((field) => mapping[field.key]);
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <section className="report-box">
          <h2>
            {path && fileName(path)} <span className="secondary">{bytes(sizeBytes)}</span>
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
        {job?.status === 'running' && <JobProgress job={job} />}
        {job?.status === 'failed' && job.error && <ProblemNote problem={job.error} />}
        {job?.status === 'cancelled' && <p className="secondary">Cancelled: nothing was written.</p>}
        {(job?.status === 'failed' || job?.status === 'cancelled') && (
          <button type="button" className="button" onClick={retry}>
            Back to columns
          </button>
        )}
        {job?.status === 'done' && <Done />}
      </div>
    </div>
  );
}

function Done() {
  const source = useProject((state) =>
    state.project?.sources.findLast((candidate) => candidate.kind === 'trips'),
  );
  const clear = useTrafficImport((state) => state.clear);
  const then = (run: () => void) => () => {
    clear();
    run();
  };
  return (
    <>
      {source && (
        <section className="report-box">
          <h2>Imported</h2>
          <Report report={source.report} />
        </section>
      )}
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
