import type { ApiJobState } from '../api/types.ts';
import { Bar } from '../shell/Bar.tsx';
import { JobStage } from '../shell/JobsList.tsx';
import { jobShare, useJobs } from '../stores/jobs.ts';

/** A running job where it was started, with Cancel. */
export function JobProgress({ job }: { job: ApiJobState }) {
  return (
    <section className="job-progress" aria-label={job.title}>
      <div className="spread">
        <b>{job.title}</b>
        <button type="button" className="button small" onClick={() => void useJobs.getState().cancel(job.id)}>
          Cancel
        </button>
      </div>
      <Bar share={jobShare(job)} label={job.title} />
      <JobStage job={job} />
    </section>
  );
}
