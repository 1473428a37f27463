import type { ApiJobState } from '../api/types.ts';
import { ProgressBox } from '../shell/ProgressBox.tsx';
import { useJobs } from '../stores/jobs.ts';

/** A running job where it was started. */
export function JobProgress({ job }: { job: ApiJobState }) {
  return <ProgressBox {...job} cancel={() => void useJobs.getState().cancel(job.id)} />;
}
