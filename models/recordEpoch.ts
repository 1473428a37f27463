import type { Checkpoint, MetricPoint, ProjectStore } from '@etalon/core/project';
import type { EpochReport, TrainingSnapshot } from '@etalon/core/train';

/** One epoch into the project: best first, so that a checkpoint to resume from never lacks the best it speaks of. */
export function recordEpoch(
  store: ProjectStore,
  runId: number,
  { snapshot, training, validation, isBest }: EpochReport,
  checkpoints: { best(): Checkpoint; latest(): Checkpoint },
): void {
  if (isBest) store.saveCheckpoint(runId, 'best', checkpoints.best());
  store.addMetrics(runId, metricPoints(snapshot.epoch, { ...training, ...validation.metrics }));
  store.saveCheckpoint(runId, 'latest', checkpoints.latest());
}

/** What is no number is left out. */
export function metricPoints(epoch: number, figures: Record<string, number>): MetricPoint[] {
  return Object.entries(figures)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ epoch, name, value }));
}

/** JSON has no infinity: before the first best score, the largest number stands for it. */
export function finiteProgress({ arrays, ...progress }: TrainingSnapshot): Omit<TrainingSnapshot, 'arrays'> {
  return { ...progress, bestScore: Math.min(progress.bestScore, Number.MAX_VALUE) };
}
