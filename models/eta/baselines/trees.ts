import { Random, type TaskContext } from '@etalon/core/base';
import { ResidualInterval } from '@etalon/core/roads';
import type { Estimates } from '@etalon/core/train';
import { type BoostingData, boostTrees } from '@etalon/core/trees';
import { heldOutDays } from './heldOutDays.ts';
import { columnsOf, type RouteInputs, type RouteTask } from './routeInputs.ts';

const OPTIONS = {
  trees: 600,
  patience: 60,
  learningRate: 0.05,
  leaves: 24,
  leafWeight: 40,
  ridge: 5,
  rowShare: 0.7,
  columnShare: 0.4,
  loss: 'absolute',
} as const;
const SEED = 1;

/** Gradient-boosted trees of log(observed ÷ expected by the segment model) on aggregates of the route: low absolute errors. */
export function treesEstimates(task: RouteTask, context: TaskContext): Promise<Estimates> {
  return grown(task, { target: Math.log, ratio: Math.exp, weight: () => 1 }, context);
}

/** The same of observed ÷ expected, errors as shares of the trip's time: low relative errors. */
export function relativeTreesEstimates(task: RouteTask, context: TaskContext): Promise<Estimates> {
  const aim = {
    target: (ratio: number) => ratio,
    ratio: (value: number) => Math.max(0.05, value),
    weight: (ratio: number) => 1 / ratio,
  };
  return grown(task, aim, context);
}

/** What is predicted of the ratio observed ÷ expected, the way back, and how much an error of it counts. */
interface Aim {
  target(ratio: number): number;
  ratio(value: number): number;
  weight(ratio: number): number;
}

/** Held-out days say how many trees there are, and give the interval. */
async function grown({ train, known, asked }: RouteTask, aim: Aim, context: TaskContext): Promise<Estimates> {
  const columns = columnsOf(known.trips, known.tripNames.length);
  const heldOut = heldOutDays(train);
  const ratio = Float64Array.from(train.totalS, (seconds, trip) => seconds / known.expectedS[trip]);
  const data: BoostingData = {
    columns,
    target: ratio.map((value) => aim.target(value)),
    weight: ratio.map((value) => aim.weight(value)),
    heldOut,
  };
  const trees = await boostTrees(data, OPTIONS, new Random(SEED), context);
  const seconds = ({ expectedS }: RouteInputs, predicted: Float64Array) =>
    expectedS.map((expected, trip) => expected * aim.ratio(predicted[trip]));
  const estimated = seconds(known, trees.predict(columns));
  const judged = [...heldOut.keys()].filter((trip) => heldOut[trip]);
  const interval = new ResidualInterval(
    judged.map((trip) => estimated[trip]),
    judged.map((trip) => train.totalS[trip]),
  );
  return interval.around(seconds(asked, trees.predict(columnsOf(asked.trips, asked.tripNames.length))));
}
