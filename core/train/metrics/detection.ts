import { type BoundedFigure, EtalonError, Random } from '../../base/index.ts';

const RESAMPLES = 500;

export interface DetectedRows {
  /** [rows] higher: more likely positive. */
  readonly scores: ArrayLike<number>;
  /** [rows] 1 of positives, 0 of negatives. */
  readonly labels: ArrayLike<number>;
}

/** How well scores tell positives from negatives. */
export interface DetectionEvaluation {
  /** With 95 % intervals: `auc`, the area under the ROC curve, and `ap`, average precision. */
  readonly figures: Readonly<Record<'auc' | 'ap', BoundedFigure>>;
  /** [resamples + 1] of all rows, then of each resample: two evaluations of the same rows and seed had the same drawn. */
  readonly drawn: Readonly<Record<'auc' | 'ap', Float64Array>>;
}

/**
 * AUC and average precision as `areaUnderRoc` and `averagePrecision` define them, with intervals by a bootstrap of rows, positives and
 * negatives each by themselves. Rows are sorted once. Throws `internal` unless there are both.
 */
export function evaluateDetection({ scores, labels }: DetectedRows, seed = 1): DetectionEvaluation {
  const order = Array.from(labels, (_, row) => row).sort((a, b) => scores[b] - scores[a]);
  const [positives, negatives] = [1, 0].map((label) =>
    Int32Array.from(order.filter((row) => labels[row] === label)).sort(),
  );
  if (positives.length === 0 || negatives.length === 0)
    throw new EtalonError('internal', 'internal: detection needs positives and negatives');
  const random = new Random(seed);
  const times = new Float64Array(order.length).fill(1);
  const drawn = { auc: new Float64Array(RESAMPLES + 1), ap: new Float64Array(RESAMPLES + 1) };
  for (let resample = 0; resample <= RESAMPLES; resample++) {
    if (resample > 0) {
      times.fill(0);
      for (const part of [positives, negatives])
        for (let i = 0; i < part.length; i++) times[part[random.int(part.length)]]++;
    }
    const { auc, ap } = areas(order, scores, labels, times);
    drawn.auc[resample] = auc;
    drawn.ap[resample] = ap;
  }
  return { figures: { auc: bounds(drawn.auc), ap: bounds(drawn.ap) }, drawn };
}

/** By how much the first is ahead, of the same rows resampled alike for both. Throws `internal` for evaluations of other sizes. */
export function compareDetections(
  first: DetectionEvaluation,
  second: DetectionEvaluation,
): Record<'auc' | 'ap', BoundedFigure> {
  const ahead = (name: 'auc' | 'ap') =>
    bounds(first.drawn[name].map((value, i) => value - second.drawn[name][i]));
  return { auc: ahead('auc'), ap: ahead('ap') };
}

/** Each row counts `times`; rows of one score are one threshold. */
function areas(
  order: readonly number[],
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  times: Float64Array,
): { auc: number; ap: number } {
  let [found, passed, auc, ap] = [0, 0, 0, 0];
  for (let begin = 0; begin < order.length; ) {
    let [own, others] = [0, 0];
    let end = begin;
    for (; end < order.length && scores[order[end]] === scores[order[begin]]; end++)
      if (labels[order[end]] === 1) own += times[order[end]];
      else others += times[order[end]];
    auc += others * (found + own / 2);
    found += own;
    passed += others;
    if (own > 0) ap += (own * found) / (found + passed);
    begin = end;
  }
  return { auc: auc / (found * passed), ap: ap / found };
}

function bounds(drawn: Float64Array): BoundedFigure {
  const sorted = drawn.slice(1).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return { value: drawn[0], low: at(0.025), high: at(0.975) };
}
