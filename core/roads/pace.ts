import { breathe, type TaskContext, throwIfCancelled } from '../base/index.ts';

const STEPS_BETWEEN = 4096;

/**
 * Goes through 0 … total − 1 with a breath, a look at the signal and a report every few thousand steps.
 * @throws EtalonError `cancelled`
 */
export async function paced(
  context: TaskContext,
  { stage, total, unit }: { stage: string; total: number; unit: string },
  step: (index: number) => void,
): Promise<void> {
  for (let begin = 0; begin < total; begin += STEPS_BETWEEN) {
    throwIfCancelled(context.signal);
    context.report({ stage, done: begin, total, unit });
    const end = Math.min(total, begin + STEPS_BETWEEN);
    for (let i = begin; i < end; i++) step(i);
    await breathe();
  }
  context.report({ stage, done: total, total, unit });
}
