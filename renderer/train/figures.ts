import type { ApiMetricPoint, ApiRunInfo, EtaEvaluation, EtaMetrics } from '../api/types.ts';
import type { XY } from '../charts/LineChart.tsx';

export const BASELINES: Readonly<Record<string, { name: string; short: string; how: string }>> = {
  freeFlow: { name: 'Free flow', short: 'free flow', how: 'no learning' },
  historical: { name: 'Hour-of-week mean', short: 'hour-of-week', how: 'per segment' },
  live: { name: 'Current speed', short: 'current speed', how: 'per segment' },
  blend: { name: 'Current and historical', short: 'blend', how: 'current near, history far' },
  ridge: { name: 'Ridge regression', short: 'ridge', how: 'length by class and hour' },
  segmentModel: { name: 'Segment model', short: 'segment model', how: 'what the network corrects' },
  trees: { name: 'Boosted trees', short: 'trees', how: 'the network’s inputs, summed up' },
  treesRelative: {
    name: 'Boosted trees, relative',
    short: 'relative trees',
    how: 'errors as shares of the time',
  },
  mlp: { name: 'Perceptron', short: 'perceptron', how: 'the network’s inputs, summed up' },
  lstm: { name: 'LSTM', short: 'LSTM', how: 'segments in driving order' },
  deepSets: { name: 'DeepSets', short: 'DeepSets', how: 'the network without edges' },
};

/** Of runs that forecast speeds. */
export const SPEED_BASELINES: Readonly<Record<string, string>> = {
  lastValue: 'Last value',
  historical: 'Historical mean',
  blend: 'Last and historical',
  ridge: 'Ridge autoregression',
};

/** A baseline's name beside a run; runs that forecast speeds have others. */
export const baselineName = (run: ApiRunInfo | undefined, id: string): string =>
  (run?.speeds ? SPEED_BASELINES[id] : BASELINES[id]?.name) ?? id;

/** One curve of a run, in order of epochs. */
export function curve(points: readonly ApiMetricPoint[] | undefined, name: string): XY[] {
  return (points ?? [])
    .filter((point) => point.name === name)
    .sort((a, b) => a.epoch - b.epoch)
    .map((point): XY => [point.epoch, point.value]);
}

export const lowest = (line: readonly XY[]): XY | null =>
  line.reduce<XY | null>((best, point) => (best === null || point[1] < best[1] ? point : best), null);

interface RunConfigShape {
  from?: string;
  until?: string;
  seed?: number;
  device?: string;
  settings?: Record<string, unknown>;
}

/** What the window reads of a run's config; anything else in it belongs to the model. */
export function configOf(run: ApiRunInfo): RunConfigShape {
  return typeof run.config === 'object' && run.config !== null ? (run.config as RunConfigShape) : {};
}

export function plannedEpochs(run: ApiRunInfo): number | null {
  const epochs = configOf(run).settings?.epochs;
  return typeof epochs === 'number' ? epochs : null;
}

export interface LearnedCurve {
  name: string;
  points: XY[];
}

/**
 * What MetaGradients made of the learning rate, and of each weight of the loss as a share of the one that the run was given,
 * by epoch; null for a run that learned neither.
 */
export function learnedCurves(
  run: ApiRunInfo,
  points: readonly ApiMetricPoint[] | undefined,
): { rate: LearnedCurve; weights: LearnedCurve[] } | null {
  const { settings = {} } = configOf(run);
  const rate = curve(points, 'learningRate');
  if ((settings.metaGradients ?? 'off') === 'off' || rate.length === 0) return null;
  const learned = new Set((points ?? []).map(({ name }) => name).filter((name) => name.startsWith(WEIGHT)));
  const weights = [...learned].map((metric): LearnedCurve => {
    const name = metric.slice(WEIGHT.length);
    const given = typeof settings[name] === 'number' ? settings[name] : 1;
    return { name, points: curve(points, metric).map(([epoch, weight]): XY => [epoch, weight / given]) };
  });
  return { rate: { name: 'learning rate', points: rate }, weights };
}

/** Metrics of learned weights are named by it and the setting that gave the weight. */
const WEIGHT = 'weight.';

/** The newest evaluation: its baselines stand on top of the table. */
export function newestEvaluation(runs: readonly ApiRunInfo[]): EtaEvaluation | null {
  return runs.findLast((run) => run.evaluation !== null)?.evaluation ?? null;
}

export const samePeriod = (one: EtaEvaluation, other: EtaEvaluation): boolean =>
  one.from === other.from && one.until === other.until;

export interface BaselineRow {
  id: string;
  name: string;
  how: string;
  metrics: EtaMetrics;
}

/** Worst first, so that the best baseline stands next to the models. */
export function baselineRows(evaluation: EtaEvaluation | null): BaselineRow[] {
  return Object.entries(evaluation?.baselines ?? {})
    .map(([id, metrics]) => ({ id, name: BASELINES[id]?.name ?? id, how: BASELINES[id]?.how ?? '', metrics }))
    .sort((a, b) => b.metrics.maeS - a.metrics.maeS);
}

/** An axis for errors that shows models and good baselines apart; what lies far beyond is drawn as an arrow. */
export function errorDomain(
  models: readonly number[],
  baselines: readonly number[],
): [number, number] | null {
  const all = [...models, ...baselines].filter(Number.isFinite);
  if (all.length === 0) return null;
  const low = Math.min(...all);
  const high = Math.max(...models, ...baselines.filter((value) => value < 1.6 * low), low * 1.1);
  const pad = (high - low) * 0.12;
  return [Math.floor(low - pad), Math.ceil(high + pad)];
}
