import type { ApiJobState } from '../api/types.ts';
import { jobShare } from '../stores/jobs.ts';
import { Bar } from './Bar.tsx';
import { StageLine } from './StageLine.tsx';

interface Shown extends Pick<ApiJobState, 'progress' | 'secondsLeft' | 'elapsedS'> {
  title: string;
  cancel(): void;
}

/** What runs, where it was started: how far it is, what is left, and Cancel. */
export function ProgressBox({ title, cancel, ...state }: Shown) {
  return (
    <section className="progress-box" aria-label={title}>
      <div className="spread">
        <b>{title}</b>
        <button type="button" className="button small" onClick={cancel}>
          Cancel
        </button>
      </div>
      <Bar share={jobShare(state)} label={title} />
      <StageLine {...state} />
    </section>
  );
}
