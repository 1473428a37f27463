import { X } from 'lucide-react';
import type { ApiJobState } from '../api/types.ts';
import { duration } from '../format/format.ts';
import { isOpen, jobShare, useJobs } from '../stores/jobs.ts';
import { useShell } from '../stores/shell.ts';
import { Bar } from './Bar.tsx';
import { useLayer } from './layers.ts';
import { ProblemNote } from './ProblemNote.tsx';
import { StageLine } from './StageLine.tsx';

export function JobsList() {
  const { jobs, hidden, hideFinished } = useJobs();
  const show = useShell((state) => state.show);
  const close = () => show(null);
  useLayer(true, close);
  const shown = jobs.filter((job) => !hidden.has(job.id)).toReversed();
  return (
    <section className="jobs-list" aria-label="Jobs">
      <header className="row">
        <h2 className="grow">Jobs</h2>
        {shown.some((job) => !isOpen(job)) && (
          <button type="button" className="link" onClick={hideFinished}>
            Hide finished
          </button>
        )}
        <button type="button" className="button icon small plain" aria-label="Close jobs" onClick={close}>
          <X size={14} aria-hidden />
        </button>
      </header>
      {shown.length === 0 && (
        <p className="secondary">Imports, training and exports show here while they run.</p>
      )}
      <ul className="scroll">
        {shown.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

const ENDED = { done: 'Done', failed: 'Failed', cancelled: 'Cancelled' } as const;

function JobRow({ job }: { job: ApiJobState }) {
  const cancel = useJobs((state) => state.cancel);
  return (
    <li className="job-row">
      <div className="spread">
        <span className="strong ellipsis">{job.title}</span>
        {job.status === 'running' || job.status === 'waiting' ? (
          <button type="button" className="button small" onClick={() => void cancel(job.id)}>
            Cancel
          </button>
        ) : (
          <span className="secondary">
            {ENDED[job.status]} · {duration(job.elapsedS)}
          </span>
        )}
      </div>
      {job.status === 'running' && (
        <>
          <Bar share={jobShare(job)} label={job.title} />
          <StageLine {...job} />
        </>
      )}
      {job.status === 'waiting' && (
        <p className="secondary">{job.progress?.stage ?? 'Waiting for its turn'}</p>
      )}
      {job.status === 'failed' && job.error && <ProblemNote problem={job.error} />}
    </li>
  );
}
