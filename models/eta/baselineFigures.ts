import type { BaselineChoice } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import {
  baselines,
  type CrossFit,
  type FittedBaseline,
  type RoadNetwork,
  type TripSet,
} from '@etalon/core/roads';
import { type Estimates, etaMetrics } from '@etalon/core/train';
import { costlyBaselines, fitLearnedBaselines, learnedBaselines } from './baselines/index.ts';

export interface JudgedTrips {
  /** What baselines are fitted to. */
  train: TripSet;
  test: TripSet;
  /** All trips known: a baseline that looks at current traffic takes what had ended before each departure. */
  observed: TripSet;
}

/** What comes of the run that is judged. */
export interface OwnBaselines {
  models: CrossFit;
  segmentModel: FittedBaseline;
  /** Trains the run's network without edges. */
  deepSets(context: TaskContext): Promise<Estimates>;
}

const DEEP_SETS = 'deepSets';

/**
 * Mean absolute error in seconds of the baselines that need no training, by id. The segment model is given: its fit is the
 * model's own first step.
 */
export async function judgeBaselines(
  network: RoadNetwork,
  judged: JudgedTrips,
  segmentModel: FittedBaseline,
  context: TaskContext,
): Promise<Record<string, number>> {
  const ids = baselines.map(({ id }) => id);
  const estimates = await plainEstimates(network, judged, segmentModel, ids, context, { intervals: false });
  return Object.fromEntries(
    Object.entries(estimates).map(([id, ofBaseline]) => [
      id,
      etaMetrics(ofBaseline, judged.test.totalS).maeS,
    ]),
  );
}

/**
 * Estimates of the chosen baselines for the test trips, by id, from the plainest to the strongest. Throws `usage` for a name
 * that is none's.
 */
export async function estimateBaselines(
  network: RoadNetwork,
  judged: JudgedTrips,
  { models, segmentModel, deepSets }: OwnBaselines,
  choice: BaselineChoice,
  context: TaskContext,
): Promise<Record<string, Estimates>> {
  const ids = chosenBaselines(choice);
  return {
    ...(await plainEstimates(network, judged, segmentModel, ids, context, { intervals: true })),
    ...(await fitLearnedBaselines(network, judged, models, ids, context)),
    ...(ids.includes(DEEP_SETS) && { [DEEP_SETS]: await deepSets(context) }),
  };
}

function chosenBaselines(choice: BaselineChoice): readonly string[] {
  const all: string[] = [...[...baselines, ...learnedBaselines].map(({ id }) => id), DEEP_SETS];
  if (choice === 'all') return all;
  if (choice === 'fast') return all.filter((id) => !costlyBaselines.has(id));
  const unknown = choice.find((id) => !all.includes(id));
  if (unknown !== undefined)
    throw new EtalonError('usage', `There is no baseline “${unknown}”.`, {
      remedy: `Choose all, fast, or among ${all.join(', ')}.`,
    });
  return choice;
}

async function plainEstimates(
  network: RoadNetwork,
  { train, test, observed }: JudgedTrips,
  segmentModel: FittedBaseline,
  ids: readonly string[],
  context: TaskContext,
  options: { intervals: boolean },
): Promise<Record<string, Estimates>> {
  const estimates: Record<string, Estimates> = {};
  const chosen = baselines.filter(({ id }) => ids.includes(id));
  for (const [i, baseline] of chosen.entries()) {
    context.report({ stage: 'Judging the baselines', done: i, total: chosen.length, unit: 'baselines' });
    const fitted =
      baseline.id === 'segmentModel' ? segmentModel : await baseline.fit(network, train, context, options);
    estimates[baseline.id] = fitted.predict(test, observed);
  }
  return estimates;
}
