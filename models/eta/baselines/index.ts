import type { TaskContext } from '@etalon/core/base';
import { type CrossFit, LiveIndex, type RoadNetwork, selectTrips, type TripSet } from '@etalon/core/roads';
import type { Estimates } from '@etalon/core/train';
import { type RouteInputs, routeInputs } from './routeInputs.ts';
import { relativeTreesEstimates, treesEstimates } from './trees.ts';

interface LearnedBaseline {
  id: 'trees' | 'treesRelative';
  /** What is learned from the training trips, asked about others. */
  estimate(train: TripSet, known: RouteInputs, asked: RouteInputs, context: TaskContext): Promise<Estimates>;
}

/** Baselines that learn from the same information as the network, from the plainest to the strongest. */
export const learnedBaselines: readonly LearnedBaseline[] = [
  { id: 'trees', estimate: treesEstimates },
  { id: 'treesRelative', estimate: relativeTreesEstimates },
];

/** Those that take minutes. */
export const costlyBaselines: ReadonlySet<string> = new Set();

/**
 * Estimates for the test trips of those learned baselines that are asked for. Each is told what the segment model, by `models`
 * that did not see a trip's day, and traffic at departure say.
 */
export async function fitLearnedBaselines(
  network: RoadNetwork,
  { train, test, observed }: { train: TripSet; test: TripSet; observed: TripSet },
  models: CrossFit,
  ids: readonly string[],
  context: TaskContext,
): Promise<Record<string, Estimates>> {
  const chosen = learnedBaselines.filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) return {};
  context.report({ stage: 'Describing routes', done: 0 });
  const timed = selectTrips(
    train,
    [...train.totalS.keys()].filter((trip) => train.totalS[trip] > 0),
  );
  const live = new LiveIndex(network, observed, models);
  const known = routeInputs(network, models, live, timed);
  const asked = routeInputs(network, models, live, test);
  const estimates: Record<string, Estimates> = {};
  for (const { id, estimate } of chosen) estimates[id] = await estimate(timed, known, asked, context);
  return estimates;
}
