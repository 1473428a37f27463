import { create } from 'zustand';
import { api } from '../api/connection.ts';
import type { ApiJobState } from '../api/types.ts';
import { useMap } from './map.ts';
import { useProject } from './project.ts';
import { usableRuns, useRuns } from './runs.ts';
import { useShell } from './shell.ts';

interface JobsState {
  jobs: ApiJobState[];
  /** Finished jobs the user has put away. */
  hidden: ReadonlySet<string>;
  cancel(id: string): Promise<void>;
  hideFinished(): void;
}

export const useJobs = create<JobsState>((set, get) => ({
  jobs: [],
  hidden: new Set(),
  async cancel(id) {
    await api().jobs.cancel({ id });
  },
  hideFinished() {
    set({
      hidden: new Set(
        get()
          .jobs.filter((job) => !isOpen(job))
          .map((job) => job.id),
      ),
    });
  },
}));

/** Whether a job runs or waits for its turn. */
export const isOpen = ({ status }: ApiJobState): boolean => status === 'running' || status === 'waiting';

export const openJobs = (jobs: readonly ApiJobState[]): ApiJobState[] => jobs.filter(isOpen);

export const jobOfRun = (jobs: readonly ApiJobState[], runId: number): ApiJobState | undefined =>
  jobs.findLast((job) => job.runId === runId && isOpen(job));

/** Share done of the whole job or call, null while its total is unknown. */
export function jobShare({ progress }: Pick<ApiJobState, 'progress'>): number | null {
  if (!progress) return null;
  const { done, total, step = 1, steps } = progress;
  if (!total && step === 1) return null;
  const inStage = total ? Math.min(1, done / total) : 0;
  return steps ? (step - 1 + inStage) / steps : inStage;
}

/** Listens to every job, for as long as the window lives. */
export async function followJobs(): Promise<void> {
  for (const job of await api().jobs.list()) put(job);
  for await (const job of await api().jobs.watchAll()) {
    const before = put(job);
    if (before?.status === job.status) continue;
    if (isOpen(job)) await begun(job);
    else await ended(job);
  }
}

function put(job: ApiJobState): ApiJobState | undefined {
  const { jobs } = useJobs.getState();
  const at = jobs.findIndex((other) => other.id === job.id);
  useJobs.setState({ jobs: at < 0 ? [...jobs, job] : jobs.with(at, job) });
  return jobs[at];
}

async function begun(job: ApiJobState): Promise<void> {
  if (job.kind === 'train') await useRuns.getState().refresh();
}

async function ended(job: ApiJobState): Promise<void> {
  const project = useProject.getState();
  const { sampleTab } = project;
  if (job.status === 'done') useShell.getState().say(`${job.title}: done`);
  switch (job.kind) {
    case 'sample':
      useProject.setState({ sampleJob: null });
      if (job.status === 'failed') useProject.setState({ problem: job.error });
      await project.refresh();
      await project.loadApp();
      if (job.status === 'done') useShell.getState().go(sampleTab);
      break;
    case 'import-roads':
    case 'import-trips':
    case 'import-profiles':
    case 'import-gps':
    case 'import-observations':
    case 'import-interactions':
    case 'simulate':
      await project.refresh();
      break;
    case 'train':
      await useRuns.getState().refresh();
      if (job.status === 'done' && usableRuns(useRuns.getState().runs).some(({ id }) => id === job.runId))
        useMap.getState().preferRun(job.runId);
      break;
    case 'evaluate':
    case 'evaluate-ranking':
    case 'export':
    case 'export-speeds':
      await useRuns.getState().refresh();
      break;
  }
}
