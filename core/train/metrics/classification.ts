import { EtalonError } from '../../base/index.ts';

/** The column of the largest score of each row, the first where several are equal: scores [rows · classes], row-major. */
export function likeliestClass(scores: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let column = 0; column < classes; column++) {
      const score = scores[row * classes + column];
      if (Number.isNaN(score)) throw notANumber(row);
      if (score > scores[row * classes + best]) best = column;
    }
    return best;
  });
}

/** Share of equal entries, 0 … 1. Throws `internal` where there is none, or the lengths differ. */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (labels.length === 0 || predicted.length !== labels.length)
    throw new EtalonError(
      'internal',
      `internal: accuracy of ${predicted.length} predictions for ${labels.length} labels`,
    );
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) right++;
  return right / labels.length;
}

/**
 * Area under the ROC curve: the probability that a positive (label 1) scores above a negative (label 0), ties counting half
 * (Mann & Whitney 1947), 0 … 1. Throws `internal` unless there are both.
 */
export function areaUnderRoc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const groups = tiedGroups(scores, labels);
  const { positives, negatives } = totals(groups);
  let above = 0;
  let negativesAbove = 0;
  for (const group of groups) {
    above += group.positives * (negatives - negativesAbove - group.negatives / 2);
    negativesAbove += group.negatives;
  }
  return above / (positives * negatives);
}

/**
 * Average precision Σ (R_t − R_{t−1}) P_t over the thresholds t from the highest score down, where R and P are recall and
 * precision of what scores at least t, 0 … 1. Throws `internal` unless there are positives and negatives.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const groups = tiedGroups(scores, labels);
  const { positives } = totals(groups);
  let found = 0;
  let taken = 0;
  let area = 0;
  for (const group of groups) {
    found += group.positives;
    taken += group.positives + group.negatives;
    area += (group.positives / positives) * (found / taken);
  }
  return area;
}

interface TiedGroup {
  positives: number;
  negatives: number;
}

/** Counts of positives and negatives of each score, from the highest down. */
function tiedGroups(scores: ArrayLike<number>, labels: ArrayLike<number>): TiedGroup[] {
  const groups = new Map<number, TiedGroup>();
  for (let i = 0; i < labels.length; i++) {
    const score = scores[i];
    if (score === undefined || Number.isNaN(score)) throw notANumber(i);
    const group = groups.get(score) ?? { positives: 0, negatives: 0 };
    if (labels[i] === 1) group.positives++;
    else group.negatives++;
    groups.set(score, group);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group);
}

function totals(groups: readonly TiedGroup[]): TiedGroup {
  const positives = groups.reduce((total, group) => total + group.positives, 0);
  const negatives = groups.reduce((total, group) => total + group.negatives, 0);
  if (positives === 0 || negatives === 0)
    throw new EtalonError(
      'internal',
      `internal: a figure of ${positives} positives and ${negatives} negatives needs both`,
    );
  return { positives, negatives };
}

function notANumber(row: number): EtalonError {
  return new EtalonError('internal', `internal: the score of row ${row} is not a number`);
}
