import { api } from '../api/connection.ts';
import { toProblem } from '../api/errors.ts';
import { useRuns } from '../stores/runs.ts';

/** Starts to judge a run; the job's end brings its figures. */
export async function evaluateRun(runId: number): Promise<void> {
  await starting(() => api().recommenders.evaluate({ runId }));
}

/** Starts a job; what refuses it is shown above the tab. */
export async function starting(start: () => Promise<unknown>): Promise<void> {
  useRuns.setState({ problem: null });
  try {
    await start();
  } catch (thrown) {
    useRuns.setState({ problem: toProblem(thrown) });
  }
}
