import type { ApiJobState } from '../api/types.ts';
import { bytes, count, duration } from '../format/format.ts';

/** "Reading ways, 12,000 of 40,000 · step 2 of 4 · 18 s left", of a job or of a call. */
export function StageLine({
  progress,
  secondsLeft,
  elapsedS,
}: Pick<ApiJobState, 'progress' | 'secondsLeft' | 'elapsedS'>) {
  return (
    <p className="secondary spread">
      <span className="ellipsis">{progress ? stageText(progress) : 'Starting'}</span>
      <span className="num">
        {secondsLeft === null ? `${duration(elapsedS)} so far` : `${duration(secondsLeft)} left`}
      </span>
    </p>
  );
}

function stageText({ stage, done, total, unit, step, steps }: NonNullable<ApiJobState['progress']>): string {
  const amount = unit === 'bytes' ? bytes : count;
  const counts = done > 0 && `, ${amount(done)}${total === undefined ? '' : ` of ${amount(total)}`}`;
  const what = done > 0 && unit && unit !== 'bytes' && ` ${unit}`;
  return [stage, counts, what, steps !== undefined && ` · step ${step} of ${steps}`].filter(Boolean).join('');
}
