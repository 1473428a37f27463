import type { ReactNode } from 'react';
import type { ApiJobState, ApiProjectInfo } from '../api/types.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { JobProgress } from './JobProgress.tsx';
import { Report } from './Report.tsx';

interface JobOutcomeProps {
  jobId: string | null;
  /** Back to the columns after a failure. */
  back(): void;
  /** Shown once the job is done. */
  children: ReactNode;
}

/** An import's job, and how it ended. */
export function JobOutcome({ jobId, back, children }: JobOutcomeProps) {
  const job = useJobs((state) => state.jobs.find((other) => other.id === jobId));
  if (!job) return null;
  if (job.status === 'done') return children;
  if (job.status === 'running' || job.status === 'waiting') return <JobProgress job={job} />;
  return (
    <>
      <JobFailure job={job} />
      <button type="button" className="button" onClick={back}>
        Back to columns
      </button>
    </>
  );
}

/** Why a job wrote nothing; nothing at all unless it failed or was cancelled. */
export function JobFailure({ job }: { job: ApiJobState | undefined }) {
  if (job?.status === 'failed' && job.error) return <ProblemNote problem={job.error} />;
  if (job?.status === 'cancelled') return <p className="secondary">Cancelled: nothing was written.</p>;
  return null;
}

/** The report of the newest import of its kind. */
export function LastReport({ kind }: { kind: ApiProjectInfo['sources'][number]['kind'] }) {
  const source = useProject((state) =>
    state.project?.sources.findLast((candidate) => candidate.kind === kind),
  );
  if (!source) return null;
  return (
    <section className="report-box">
      <h2>Imported</h2>
      <Report report={source.report} />
    </section>
  );
}
