import { type BoundedFigure, blockBootstrap, EtalonError, Random } from '../../base/index.ts';
import { likeliestClass } from './classification.ts';

const RESAMPLES = 1000;
/** Least probability that counts: one that is 0 and comes true would cost without end. */
const LEAST = 1e-7;

export interface PredictedClasses {
  /** [rows · classes] each row adds up to 1. */
  readonly probabilities: ArrayLike<number>;
  /** [rows] the class that it was. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** Figures of predicted classes, and the columns that they are functions of the means of. */
export interface ClassificationEvaluation {
  /** With 95 % intervals: `accuracy`, `macroF1` over the classes that there are, `logLoss` in nats. */
  readonly figures: Readonly<Record<string, BoundedFigure>>;
  readonly classes: number;
  /** [columns][rows] right, −log p, then of each class: right as it, said to be it, is it. */
  readonly columns: readonly Float64Array[];
}

type Means = ArrayLike<number>;
/** By name, of the means of the columns, which begin at `from`. */
const FIGURES: Readonly<Record<string, (means: Means, from: number, classes: number) => number>> = {
  accuracy: (means, from) => means[from],
  macroF1,
  logLoss: (means, from) => means[from + 1],
};
/** Of which less is better. */
const LOWER = new Set(['logLoss']);

/** Judges predicted classes row by row; intervals by a bootstrap of rows. Throws `internal` without rows. */
export function evaluateClassification(predicted: PredictedClasses, seed = 1): ClassificationEvaluation {
  const { probabilities, labels, classes } = predicted;
  if (probabilities.length !== labels.length * classes)
    throw new EtalonError('internal', 'internal: a classification has a probability for each class');
  const said = likeliestClass(probabilities, classes);
  const row = (of: (row: number) => number) => Float64Array.from({ length: labels.length }, (_, i) => of(i));
  const columns = [
    row((i) => Number(said[i] === labels[i])),
    row((i) => -Math.log(Math.max(LEAST, probabilities[i * classes + labels[i]]))),
    ...Array.from({ length: classes }, (_, c) => [
      row((i) => Number(said[i] === c && labels[i] === c)),
      row((i) => Number(said[i] === c)),
      row((i) => Number(labels[i] === c)),
    ]).flat(),
  ];
  const figures = bounded(columns, (name) => (means) => FIGURES[name](means, 0, classes), seed);
  return { figures, classes, columns };
}

/** By how much the first is ahead in each figure, the same rows resampled for both; of losses by how much it is lower. */
export function compareClassifications(
  first: ClassificationEvaluation,
  second: ClassificationEvaluation,
  seed = 1,
): Record<string, BoundedFigure> {
  const { columns, classes } = first;
  if (second.classes !== classes || second.columns[0].length !== columns[0].length)
    throw new EtalonError('internal', 'internal: the classifications are of different rows');
  return bounded(
    [...columns, ...second.columns],
    (name) => (means) => {
      const ahead = FIGURES[name](means, 0, classes) - FIGURES[name](means, columns.length, classes);
      return LOWER.has(name) ? -ahead : ahead;
    },
    seed,
  );
}

function bounded(
  columns: readonly Float64Array[],
  figure: (name: string) => (means: Float64Array) => number,
  seed: number,
): Record<string, BoundedFigure> {
  const names = Object.keys(FIGURES);
  const each = blockBootstrap(
    [...columns[0].keys()],
    columns,
    names.map(figure),
    new Random(seed),
    RESAMPLES,
  );
  return Object.fromEntries(names.map((name, i) => [name, each[i]]));
}

/** Mean over the classes that are said or there: 2 · right as it ÷ (said to be it + is it). */
function macroF1(means: Means, from: number, classes: number): number {
  let [sum, met] = [0, 0];
  for (let c = 0; c < classes; c++) {
    const [right, said, is] = [0, 1, 2].map((k) => means[from + 2 + 3 * c + k]);
    if (said + is === 0) continue;
    sum += (2 * right) / (said + is);
    met++;
  }
  return sum / met;
}
