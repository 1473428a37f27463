import { expect } from 'vitest';
import type { TrainableModel, TrainContext } from '../../core/app/model.ts';
import type { Progress } from '../../core/base/index.ts';
import type { ProjectStore } from '../../core/project/index.ts';

/** Trains a run until `isDue` says so of its progress, when it is cancelled, and then from its latest checkpoint to the end. */
export async function trainWithBreak(
  model: Pick<TrainableModel, 'train'>,
  store: ProjectStore,
  run: number,
  context: TrainContext,
  isDue: (progress: Progress) => boolean,
): Promise<void> {
  const cancel = new AbortController();
  const interrupting: TrainContext = {
    ...context,
    signal: cancel.signal,
    report: (progress) => isDue(progress) && cancel.abort(),
  };
  await expect(model.train(store, run, interrupting)).rejects.toMatchObject({ code: 'cancelled' });
  await model.train(store, run, context);
}
