import { type BoundedFigure, blockBootstrap, EtalonError, Random } from '../../base/index.ts';
import { gradedNdcgAt } from './ranking.ts';

/** Length of the lists that rankings by predicted values are judged by. */
const LIST = 10;
const RESAMPLES = 1000;

export interface PredictedValues {
  /** [rows] what was predicted and what came. */
  readonly predicted: ArrayLike<number>;
  readonly observed: ArrayLike<number>;
  /** [rows] by whom rows hang together: intervals resample groups, rankings are of the rows of one. */
  readonly group: ArrayLike<number>;
}

/** Figures of predicted values, and what they are means of. */
export interface RegressionEvaluation {
  /** Means with 95 % intervals: `mse`, `mae` over rows, `ndcg@10` over groups where there is one. */
  readonly figures: Readonly<Record<string, BoundedFigure>>;
  readonly group: ArrayLike<number>;
  /** By figure [rows]: its parts, and 1 where a row has one. A group's NDCG stands at its first row. */
  readonly parts: Readonly<Record<string, { readonly value: Float64Array; readonly counts: Float64Array }>>;
}

/**
 * Judges predictions by the mean squared and the mean absolute error, and by the order that they give to the rows of a group: NDCG@10
 * with what was observed as gain, of groups of two rows or more that differ; there it needs values that are not below 0, and is
 * left out else. Throws `internal` for no rows, other lengths and for what is no number.
 */
export function evaluateRegression(values: PredictedValues, seed = 1): RegressionEvaluation {
  const { predicted, observed, group } = values;
  const rows = observed.length;
  if (rows === 0 || predicted.length !== rows || group.length !== rows)
    throw new EtalonError('internal', `internal: ${predicted.length} predictions of ${rows} values`);
  const error = Float64Array.from({ length: rows }, (_, row) => predicted[row] - observed[row]);
  if (error.some(Number.isNaN))
    throw new EtalonError('internal', 'internal: a prediction or what it is of is not a number');
  const all = new Float64Array(rows).fill(1);
  const ndcg = rankingParts(values);
  const parts = {
    mse: { value: error.map((value) => value * value), counts: all },
    mae: { value: error.map(Math.abs), counts: all },
    ...(ndcg && { [`ndcg@${LIST}`]: ndcg }),
  };
  return { figures: boundedMeans(group, parts, seed), group, parts };
}

/** By how much the first is ahead, with 95 % intervals of the same rows: errors are smaller by so much, rankings better. */
export function compareRegressions(
  first: RegressionEvaluation,
  second: RegressionEvaluation,
  seed = 1,
): Record<string, BoundedFigure> {
  const differences = Object.entries(first.parts).flatMap(([name, { value, counts }]) => {
    const other = second.parts[name];
    if (!other) return [];
    if (other.value.length !== value.length)
      throw new EtalonError('internal', 'internal: other rows were predicted');
    const sign = name === 'mse' || name === 'mae' ? -1 : 1;
    return [[name, { value: value.map((own, row) => sign * (own - other.value[row])), counts }] as const];
  });
  return boundedMeans(first.group, Object.fromEntries(differences), seed);
}

function boundedMeans(
  group: ArrayLike<number>,
  parts: RegressionEvaluation['parts'],
  seed: number,
): Record<string, BoundedFigure> {
  const names = Object.keys(parts);
  const columns = names.flatMap((name) => [parts[name].value, parts[name].counts]);
  const bounded = blockBootstrap(
    group,
    columns,
    names.map((_, i) => (means) => means[2 * i] / means[2 * i + 1]),
    new Random(seed),
    RESAMPLES,
  );
  return Object.fromEntries(names.map((name, i) => [name, bounded[i]]));
}

/** Null where a value is below 0, or where no group has anything to rank. */
function rankingParts({ predicted, observed, group }: PredictedValues) {
  const rows = Array.from(observed);
  if (rows.some((value) => value < 0)) return null;
  const groups = new Map<number, number[]>();
  rows.forEach((_, row) => {
    const own = groups.get(group[row]);
    if (own) own.push(row);
    else groups.set(group[row], [row]);
  });
  const value = new Float64Array(rows.length);
  const counts = new Float64Array(rows.length);
  for (const own of groups.values()) {
    const gains = own.map((row) => observed[row]);
    if (gains.every((gain) => gain === gains[0])) continue;
    const scores = own.map((row) => predicted[row]);
    value[own[0]] = gradedNdcgAt(LIST, scores, gains);
    counts[own[0]] = 1;
  }
  return counts.includes(1) ? { value, counts } : null;
}
