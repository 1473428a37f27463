import {
  type RunComparison,
  type SpeedBlock,
  type SpeedEvaluation,
  type SpeedMetrics,
  speedEvaluation,
  storedSpeedEvaluation,
} from '../api/contract.ts';
import { blockBootstrap } from '../base/bootstrap.ts';
import { EtalonError, Random } from '../base/index.ts';
import type { ProjectStore, RunRecord } from '../project/index.ts';
import { baselineNamed } from './compareBaseline.ts';
import { changedSettings, chosenEvaluations, newestEvaluation } from './comparedRuns.ts';
import type { RunConfig } from './model.ts';

/** The intervals of two runs' comparison are the same whenever it is asked for. */
const SEED = 1;

/**
 * Two runs that forecast speeds, on the days (or hours) in which both were tested on the same observations, horizon by horizon. Throws
 * `conflict` where one was not evaluated, or no block is in both.
 */
export function compareSpeedRuns(store: ProjectStore, runA: number, runB: number): RunComparison {
  const [a, b] = [store.run(runA), store.run(runB)];
  const [left, right] = chosenEvaluations(a, b).map(({ result }) => storedSpeedEvaluation.parse(result));
  const pairs = pairsOf(left.blocks, right.blocks);
  if (pairs.length === 0)
    throw new EtalonError('conflict', 'The two runs were not tested on any observation in common.', {
      remedy: 'Evaluate both on the same period, with the same horizons and step.',
    });
  const sameTrips = pairs.length === left.blocks.length && pairs.length === right.blocks.length;
  const minutes = [...new Set(pairs.map(([block]) => block.minutes))].sort((x, y) => x - y);
  const horizons = minutes.map((ahead): Horizon => {
    const own = pairs.filter(([block]) => block.minutes === ahead);
    return {
      minutes: ahead,
      n: own.reduce((sum, [{ n }]) => sum + n, 0),
      metrics: metricsAt(own),
      ...coverages(own),
      baselines: sameTrips ? baselineErrors(left, ahead) : {},
    };
  });
  return {
    a: { runId: a.id, name: a.name },
    b: { runId: b.id, name: b.name },
    sameTrips,
    warnings: [
      ...(sameTrips ? [] : ['Only what both runs were tested on is compared.']),
      ...[a, b].flatMap((run) => seenInTraining(run, left.from)),
      ...narrow(left),
    ],
    settings: changedSettings(a, b),
    ...figuresOf(horizons),
  };
}

/**
 * A run that forecasts speeds beside a baseline of its newest evaluation. The errors' differences have the intervals that the
 * evaluation took over days; what else it holds of a baseline are means. Throws `conflict`, `not-found`.
 */
export function compareSpeedsWithBaseline(
  store: ProjectStore,
  runId: number,
  baseline: string,
): RunComparison {
  const run = store.run(runId);
  const evaluation = speedEvaluation.parse(newestEvaluation(run).result);
  const horizons = evaluation.horizons.map(({ minutes, metrics, baselines, gains }): Horizon => {
    const other = baselineNamed(baselines, baseline);
    const gain = gains.find((found) => found.baseline === baseline);
    return {
      minutes,
      n: metrics.n,
      metrics: METRICS.flatMap(({ shown, unit, betterWhen, mean }) => {
        const [a, b] = [mean(metrics), mean(other)];
        if (a === null || b === null) return [];
        const bounds = shown === 'MAE' && gain ? { low: -gain.high, high: -gain.low } : UNKNOWN;
        return [{ name: shown, unit, betterWhen, a, b, difference: a - b, ...bounds }];
      }),
      coverageA: metrics.coverage80,
      coverageB: other.coverage80,
      baselines: baselineErrors(evaluation, minutes),
    };
  });
  return {
    a: { runId: run.id, name: run.name },
    b: { runId: null, name: baseline },
    sameTrips: true,
    warnings: narrow(evaluation),
    settings: [],
    ...figuresOf(horizons),
  };
}

type Metric = RunComparison['metrics'][number];

/** What is said of one horizon; metrics are named without it. */
interface Horizon {
  minutes: number;
  n: number;
  metrics: Metric[];
  /** Fractions; null where there is no interval. */
  coverageA: number | null;
  coverageB: number | null;
  baselines: Record<string, number>;
}

const UNKNOWN = { low: null, high: null };
const percent = (share: number | null) => (share === null ? null : 100 * share);

/** `sum`: over a block's observations, of which `of` makes the figure from the mean. `mean`: of an evaluation. */
const METRICS = [
  {
    shown: 'MAE',
    unit: 'km/h',
    betterWhen: 'lower',
    sum: (block: SpeedBlock) => block.absolute,
    of: (mean: number) => mean,
    mean: (metrics: SpeedMetrics) => metrics.maeKmh,
  },
  {
    shown: 'RMSE',
    unit: 'km/h',
    betterWhen: 'lower',
    sum: (block: SpeedBlock) => block.squared,
    of: Math.sqrt,
    mean: (metrics: SpeedMetrics) => metrics.rmseKmh,
  },
  {
    shown: 'MAPE',
    unit: '%',
    betterWhen: 'lower',
    sum: (block: SpeedBlock) => 100 * block.relative,
    of: (mean: number) => mean,
    mean: (metrics: SpeedMetrics) => percent(metrics.mape),
  },
  {
    shown: '80 % coverage',
    unit: '%',
    betterWhen: 'nominal',
    sum: (block: SpeedBlock) => 100 * block.inside,
    of: (mean: number) => mean,
    mean: (metrics: SpeedMetrics) => percent(metrics.coverage80),
  },
] as const;

function figuresOf(
  horizons: readonly Horizon[],
): Pick<RunComparison, 'metrics' | 'slices' | 'calibration' | 'speedsByHorizon'> {
  return {
    metrics: horizons.flatMap(({ minutes, metrics }) =>
      metrics.map((metric) => ({ ...metric, name: `${metric.name}, ${minutes} min` })),
    ),
    slices: [],
    calibration: [],
    speedsByHorizon: horizons.map(({ metrics, ...horizon }) => {
      const { a, b, difference, low, high } = metrics.find(({ name }) => name === 'MAE')!;
      return { ...horizon, a, b, difference, low, high };
    }),
  };
}

function coverages(pairs: readonly [SpeedBlock, SpeedBlock][]): Pick<Horizon, 'coverageA' | 'coverageB'> {
  const share = (side: 0 | 1) => {
    const blocks = pairs.map((pair) => pair[side]);
    const sum = (of: (block: SpeedBlock) => number) => blocks.reduce((total, block) => total + of(block), 0);
    return sum(({ inside }) => inside) / sum(({ n }) => n);
  };
  return { coverageA: share(0), coverageB: share(1) };
}

function baselineErrors({ horizons }: SpeedEvaluation, minutes: number): Record<string, number> {
  const { baselines = {} } = horizons.find((horizon) => horizon.minutes === minutes) ?? {};
  return Object.fromEntries(Object.entries(baselines).map(([id, { maeKmh }]) => [id, maeKmh]));
}

const narrow = ({ resampled }: SpeedEvaluation): string[] =>
  resampled === 'hour'
    ? ['The test period has fewer than five days: intervals resample hours and are too narrow.']
    : [];

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

function metricsAt(pairs: readonly [SpeedBlock, SpeedBlock][]): Metric[] {
  return METRICS.map(({ shown, unit, betterWhen, sum, of }) => {
    const [a, b, difference] = blockBootstrap(
      pairs.map((_, block) => block),
      [pairs.map(([block]) => sum(block)), pairs.map(([, block]) => sum(block)), pairs.map(([{ n }]) => n)],
      [
        ([left, , n]) => of(left / n),
        ([, right, n]) => of(right / n),
        ([left, right, n]) => of(left / n) - of(right / n),
      ],
      new Random(SEED),
    );
    return {
      ...{ name: shown, unit, betterWhen, a: a.value, b: b.value },
      ...{ difference: difference.value, low: difference.low, high: difference.high },
    };
  });
}
