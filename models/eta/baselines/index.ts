import type { TaskContext } from '@etalon/core/base';
import { type CrossFit, LiveIndex, type RoadNetwork, selectTrips, type TripSet } from '@etalon/core/roads';
import type { Estimates } from '@etalon/core/train';
import { lstmEstimates, mlpEstimates } from './neural.ts';
import { type RouteTask, routeInputs } from './routeInputs.ts';
import { relativeTreesEstimates, treesEstimates } from './trees.ts';

interface LearnedBaseline {
  id: 'mlp' | 'lstm' | 'trees' | 'treesRelative';
  estimate(task: RouteTask, context: TaskContext): Promise<Estimates>;
}

/** Baselines that learn from the same information as the network, from the plainest to the strongest. */
export const learnedBaselines: readonly LearnedBaseline[] = [
  { id: 'mlp', estimate: mlpEstimates },
  { id: 'lstm', estimate: lstmEstimates },
  { id: 'trees', estimate: treesEstimates },
  { id: 'treesRelative', estimate: relativeTreesEstimates },
];

/** Those that take longer than all others together: half a minute for 20,000 trips. */
export const costlyBaselines: ReadonlySet<string> = new Set(['lstm']);

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
  const timed = selectTrips(
    train,
    [...train.totalS.keys()].filter((trip) => train.totalS[trip] > 0),
  );
  const live = new LiveIndex(network, observed, models);
  const task: RouteTask = {
    train: timed,
    known: await routeInputs(network, models, live, timed, context),
    test,
    asked: await routeInputs(network, models, live, test, context),
  };
  const estimates: Record<string, Estimates> = {};
  for (const { id, estimate } of chosen) {
    const named: TaskContext = {
      signal: context.signal,
      report: (progress) => context.report({ ...progress, stage: `Learning the baseline ${id}` }),
    };
    estimates[id] = await estimate(task, named);
  }
  return estimates;
}
