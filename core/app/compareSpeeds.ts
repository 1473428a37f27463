import { type RunComparison, type SpeedBlock, storedSpeedEvaluation } from '../api/contract.ts';
import { blockBootstrap } from '../base/bootstrap.ts';
import { EtalonError, Random } from '../base/index.ts';
import type { RunRecord } from '../project/index.ts';
import { changedSettings, chosenEvaluations } from './comparedRuns.ts';
import type { RunConfig } from './model.ts';
import { isSpeedRun } from './runView.ts';

/** The intervals of two runs' comparison are the same whenever it is asked for. */
const SEED = 1;

/**
 * Two runs that forecast speeds, on the days (or hours) in which both were tested on the same observations, horizon by horizon. Throws
 * `conflict` where one forecasts travel times, was not evaluated, or no block is in both.
 */
export function compareSpeedRuns(a: RunRecord, b: RunRecord): RunComparison {
  const other = [a, b].find((run) => !isSpeedRun(run));
  if (other)
    throw new EtalonError('conflict', `Run “${other.name}” predicts travel times, the other speeds.`, {
      remedy: 'Compare two runs of one model.',
    });
  const [left, right] = chosenEvaluations(a, b).map(({ result }) => storedSpeedEvaluation.parse(result));
  const pairs = pairsOf(left.blocks, right.blocks);
  if (pairs.length === 0)
    throw new EtalonError('conflict', 'The two runs were not tested on any observation in common.', {
      remedy: 'Evaluate both on the same period, with the same horizons and step.',
    });
  const sameTrips = pairs.length === left.blocks.length && pairs.length === right.blocks.length;
  const horizons = [...new Set(pairs.map(([{ minutes }]) => minutes))].sort((x, y) => x - y);
  return {
    a: { runId: a.id, name: a.name },
    b: { runId: b.id, name: b.name },
    sameTrips,
    warnings: [
      ...(sameTrips ? [] : ['Only what both runs were tested on is compared.']),
      ...[a, b].flatMap((run) => seenInTraining(run, left.from)),
      ...(left.resampled === 'hour'
        ? ['The test period has fewer than five days: intervals resample hours and are too narrow.']
        : []),
    ],
    settings: changedSettings(a, b),
    metrics: horizons.flatMap((minutes) =>
      metricsAt(
        minutes,
        pairs.filter(([block]) => block.minutes === minutes),
      ),
    ),
    slices: [],
    calibration: [],
  };
}

/** Blocks of both that hold the same observations. */
function pairsOf(a: readonly SpeedBlock[], b: readonly SpeedBlock[]): [SpeedBlock, SpeedBlock][] {
  const key = ({ minutes, block, n, observedKmh }: SpeedBlock) => `${minutes} ${block} ${n} ${observedKmh}`;
  const known = new Map(b.map((block) => [key(block), block]));
  return a.flatMap((block): [SpeedBlock, SpeedBlock][] => {
    const same = known.get(key(block));
    return same ? [[block, same]] : [];
  });
}

function seenInTraining({ name, config }: RunRecord, testedFrom: string | null): string[] {
  const { until } = config as RunConfig;
  const seen = until === undefined || testedFrom === null || testedFrom < until;
  return seen ? [`${name} was trained on days that it is tested on.`] : [];
}

function metricsAt(minutes: number, pairs: readonly [SpeedBlock, SpeedBlock][]): RunComparison['metrics'] {
  const rows = [
    { name: 'MAE', unit: 'km/h', betterWhen: 'lower', of: (block: SpeedBlock) => block.absolute },
    { name: 'RMSE', unit: 'km/h', betterWhen: 'lower', of: (block: SpeedBlock) => block.squared },
    { name: 'MAPE', unit: '%', betterWhen: 'lower', of: (block: SpeedBlock) => 100 * block.relative },
    {
      name: '80 % coverage',
      unit: '%',
      betterWhen: 'nominal',
      of: (block: SpeedBlock) => 100 * block.inside,
    },
  ] as const;
  return rows.map(({ name, unit, betterWhen, of }) => {
    const shown = (mean: number) => (name === 'RMSE' ? Math.sqrt(mean) : mean);
    const [a, b, difference] = blockBootstrap(
      pairs.map((_, block) => block),
      [pairs.map(([block]) => of(block)), pairs.map(([, block]) => of(block)), pairs.map(([{ n }]) => n)],
      [
        ([left, , n]) => shown(left / n),
        ([, right, n]) => shown(right / n),
        ([left, right, n]) => shown(left / n) - shown(right / n),
      ],
      new Random(SEED),
    );
    return {
      ...{ name: `${name}, ${minutes} min`, unit, betterWhen, a: a.value, b: b.value },
      ...{ difference: difference.value, low: difference.low, high: difference.high },
    };
  });
}
