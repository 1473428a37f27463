import { Random, type TaskContext } from '@etalon/core/base';
import { type CrossFit, LiveIndex, type RoadNetwork, selectTrips, type TripSet } from '@etalon/core/roads';
import type { Estimates } from '@etalon/core/train';
import { lstmEstimates, mlpEstimates } from './neural.ts';
import { type RouteTask, routeInputs } from './routeInputs.ts';
import { relativeTreesEstimates, treesEstimates } from './trees.ts';

interface LearnedBaseline {
  id: 'mlp' | 'lstm' | 'trees' | 'treesRelative';
  /** Whether it looks at single segments, besides aggregates of the route. */
  perSegment?: true;
  estimate(task: RouteTask, context: TaskContext): Promise<Estimates>;
}

/** Baselines that learn from the same information as the network, from the plainest to the strongest. */
export const learnedBaselines: readonly LearnedBaseline[] = [
  { id: 'mlp', estimate: mlpEstimates },
  { id: 'lstm', perSegment: true, estimate: lstmEstimates },
  { id: 'trees', estimate: treesEstimates },
  { id: 'treesRelative', estimate: relativeTreesEstimates },
];

/** Training trips that are learned from at most: more would cost memory and teach little. */
const MOST_TRIPS = 100_000;
const SEED = 1;

/** Those that take longer than all others together: half a minute for 20,000 trips, or a training like the run's own. */
export const costlyBaselines: ReadonlySet<string> = new Set(['lstm', 'deepSets']);

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
  const timed = selectTrips(train, sampled(train));
  const live = new LiveIndex(network, observed, models);
  const wanted = { perSegment: chosen.some(({ perSegment }) => perSegment) };
  const task: RouteTask = {
    train: timed,
    known: await routeInputs(network, models, live, timed, wanted, context),
    test,
    asked: await routeInputs(network, models, live, test, wanted, context),
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

/** Positions, ascending, of trips with known seconds; drawn evenly where there are more than can be used. */
export function sampled({ totalS }: TripSet): number[] {
  const known = [...totalS.keys()].filter((trip) => totalS[trip] > 0);
  if (known.length <= MOST_TRIPS) return known;
  return new Random(SEED)
    .shuffle(known)
    .slice(0, MOST_TRIPS)
    .sort((a, b) => a - b);
}
