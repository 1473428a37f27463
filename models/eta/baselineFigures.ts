import type { TaskContext } from '@etalon/core/base';
import { baselines, type FittedBaseline, type RoadNetwork, type TripSet } from '@etalon/core/roads';
import { type EtaMetrics, etaMetrics } from '@etalon/core/train';

export interface JudgedTrips {
  /** What baselines are fitted to. */
  train: TripSet;
  test: TripSet;
  /** All trips known: a baseline that looks at current traffic takes what had ended before each departure. */
  observed: TripSet;
}

/** Figures of every baseline by its id. The segment model is given: its fit is the model's own first step. */
export async function judgeBaselines(
  network: RoadNetwork,
  { train, test, observed }: JudgedTrips,
  segmentModel: FittedBaseline,
  context: TaskContext,
): Promise<Record<string, EtaMetrics>> {
  const figures: Record<string, EtaMetrics> = {};
  for (const [i, baseline] of baselines.entries()) {
    context.report({ stage: 'Judging the baselines', done: i, total: baselines.length, unit: 'baselines' });
    const fitted =
      baseline.id === 'segmentModel' ? segmentModel : await baseline.fit(network, train, context);
    figures[baseline.id] = etaMetrics(fitted.predict(test, observed), test.totalS);
  }
  return figures;
}
