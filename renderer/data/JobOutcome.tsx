import type { ReactNode } from 'react';
import type { ApiJobState, ApiProjectInfo } from '../api/types.ts';
import { counted } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { JobProgress } from './JobProgress.tsx';
import { Report } from './Report.tsx';

interface JobOutcomeProps {
  jobId: string | null;
  /** Back to the columns after a failure. */
  back(): void;
  /** Starts again and leaves out what cannot be read. */
  skipMalformed(): void;
  /** Shown once the job is done. */
  children: ReactNode;
}

/** An import's job, and how it ended. */
export function JobOutcome({ jobId, back, skipMalformed, children }: JobOutcomeProps) {
  const job = useJobs((state) => state.jobs.find((other) => other.id === jobId));
  if (!job) return null;
  if (job.status === 'done') return children;
  if (job.status === 'running' || job.status === 'waiting') return <JobProgress job={job} />;
  return (
    <>
      <JobFailure job={job} skipMalformed={skipMalformed} />
      <div className="row">
        <button type="button" className="button" onClick={back}>
          Back to columns
        </button>
      </div>
    </>
  );
}

interface JobFailureProps {
  job: ApiJobState | undefined;
  /** Of an import: starts it again, leaving out what cannot be read. */
  skipMalformed?: () => void;
}

/** Why a job wrote nothing; nothing at all unless it failed or was cancelled. */
export function JobFailure({ job, skipMalformed }: JobFailureProps) {
  if (job?.status === 'cancelled') return <p className="secondary">Cancelled: nothing was written.</p>;
  if (job?.status !== 'failed' || !job.error) return null;
  const { malformed } = job.error;
  return (
    <ProblemNote problem={job.error}>
      {malformed && skipMalformed && (
        <button type="button" className="button small" onClick={skipMalformed}>
          Leave {malformed.atLeast ? 'all such rows' : `${counted(malformed.count, 'malformed row')}`} out and
          import
        </button>
      )}
    </ProblemNote>
  );
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
