import { breathe, EtalonError, type Random, type TaskContext, throwIfCancelled } from '../base/index.ts';
import { Binning } from './bins.ts';
import { type GrowthOptions, growTree, leafOf, type Tree } from './tree.ts';

/** `absolute` grows by the signs of the errors and gives each leaf the weighted median of its errors (Friedman 2001, alg. 3). */
export type BoostingLoss = 'squared' | 'absolute';

export interface BoostingOptions extends GrowthOptions {
  loss: BoostingLoss;
  trees: number;
  /** Trees without a better held-out loss after which growing ends. */
  patience: number;
  /** Share of its step that each tree takes. */
  learningRate: number;
  /** Shares of rows and columns that each tree sees. */
  rowShare: number;
  columnShare: number;
}

export const boostingDefaults: BoostingOptions = {
  loss: 'squared',
  trees: 500,
  patience: 50,
  learningRate: 0.05,
  leaves: 31,
  leafWeight: 20,
  ridge: 1,
  rowShare: 0.8,
  columnShare: 0.5,
};

export interface BoostingData {
  /** [columns][N]; NaN where a value is missing. */
  columns: readonly ArrayLike<number>[];
  /** [N] */
  target: ArrayLike<number>;
  /** [N] how much each row's error counts; 1 where left out. */
  weight?: ArrayLike<number>;
  /** [N] 1 for rows that are not learned from, but say when to stop; none where left out. */
  heldOut?: ArrayLike<number>;
}

/** A sum of trees. */
export class BoostedTrees {
  readonly #binning: Binning;
  readonly #start: number;
  /** Of each tree, by node: the largest value that goes left. */
  readonly #thresholds: readonly Float64Array[];
  readonly trees: readonly Tree[];
  /** Mean loss of the held-out rows with those trees; NaN without any. */
  readonly heldOutLoss: number;

  constructor(binning: Binning, start: number, trees: readonly Tree[], heldOutLoss: number) {
    this.#binning = binning;
    this.#start = start;
    this.#thresholds = trees.map(({ feature, bin }) =>
      Float64Array.from(feature, (column, node) =>
        column < 0 ? Number.NaN : binning.upTo(column, bin[node]),
      ),
    );
    this.trees = trees;
    this.heldOutLoss = heldOutLoss;
  }

  /** [N] for rows of the columns that they were grown on. */
  predict(columns: readonly ArrayLike<number>[]): Float64Array {
    this.#binning.assertWidth(columns.length);
    const [{ length }] = columns;
    return Float64Array.from({ length }, (_, row) => this.#predicted((column) => columns[column][row]));
  }

  /** [N] for rows of `width` values, one after another: what no tree asks for is not looked at. */
  predictRows(rows: ArrayLike<number>, width: number): Float64Array {
    this.#binning.assertWidth(width);
    return Float64Array.from({ length: rows.length / width }, (_, row) =>
      this.#predicted((column) => rows[row * width + column]),
    );
  }

  #predicted(read: (column: number) => number): number {
    let sum = this.#start;
    for (let t = 0; t < this.trees.length; t++) {
      const { feature, left, right, value } = this.trees[t];
      const thresholds = this.#thresholds[t];
      let node = 0;
      while (feature[node] >= 0) {
        const x = read(feature[node]);
        // What is no number is in the lowest bin.
        node = x <= thresholds[node] || Number.isNaN(x) ? left[node] : right[node];
      }
      sum += value[node];
    }
    return sum;
  }
}

/**
 * Gradient boosting of histogram trees (Friedman 2001; stochastic: Friedman 2002; columns cut into bins and leaf-wise growth: Ke
 * et al. 2017). The same data, options and `random` give the same trees. Throws `internal` for no rows or a target that is
 * no number, `cancelled`.
 */
export async function boostTrees(
  data: BoostingData,
  given: Partial<BoostingOptions>,
  random: Random,
  context: TaskContext,
): Promise<BoostedTrees> {
  const options = { ...boostingDefaults, ...given };
  const { columns, target } = data;
  const count = target.length;
  const { training, heldOut } = splitRows(data);
  if (training.length === 0 || training.some((row) => !Number.isFinite(target[row])))
    throw new EtalonError('internal', 'internal: trees need rows whose target is a number');
  const weight = meanOne(data.weight, training, count);
  const binning = new Binning(columns.map((column) => Float64Array.from(training, (row) => column[row])));
  const binned = binning.apply(columns);
  const loss = LOSSES[options.loss];
  const start = loss.leaf(training, (row) => target[row], weight, 0);
  const predicted = new Float64Array(count).fill(start);
  const gradient = new Float64Array(count);
  const trees: Tree[] = [];
  const allFeatures = columns.map((_, feature) => feature);
  const meanLoss = () => {
    let total = 0;
    let weights = 0;
    for (const row of heldOut) {
      total += weight[row] * loss.value(target[row] - predicted[row]);
      weights += weight[row];
    }
    return total / weights;
  };
  let best = { trees: 0, loss: meanLoss() };
  for (let round = 0; round < options.trees; round++) {
    context.report({ stage: 'Growing trees', done: round, total: options.trees, unit: 'trees' });
    await breathe();
    throwIfCancelled(context.signal);
    const rows = sample(training, options.rowShare, random);
    const features = sample(Int32Array.from(allFeatures), options.columnShare, random);
    for (const row of rows) gradient[row] = -weight[row] * loss.slope(target[row] - predicted[row]);
    const { tree, leafRows } = growTree(
      { columns: binned, binCounts: binning.counts, features: [...features], rows, gradient, weight },
      options,
    );
    for (const [leaf, ofLeaf] of leafRows)
      tree.value[leaf] =
        options.learningRate *
        loss.leaf(ofLeaf, (row) => target[row] - predicted[row], weight, options.ridge);
    trees.push(tree);
    for (let row = 0; row < count; row++) predicted[row] += tree.value[leafOf(tree, binned, row)];
    if (heldOut.length === 0) continue;
    const held = meanLoss();
    if (held < best.loss) best = { trees: trees.length, loss: held };
    else if (trees.length - best.trees >= options.patience) break;
  }
  const kept = heldOut.length > 0 ? trees.slice(0, best.trees) : trees;
  return new BoostedTrees(binning, start, kept, best.loss);
}

interface Loss {
  /** Of target − prediction. */
  value(error: number): number;
  /** −∂loss/∂prediction. */
  slope(error: number): number;
  /** The constant that best fits the rows' errors. */
  leaf(rows: Int32Array, errorOf: (row: number) => number, weight: Float64Array, ridge: number): number;
}

const LOSSES: Record<BoostingLoss, Loss> = {
  squared: {
    value: (error) => 0.5 * error * error,
    slope: (error) => error,
    leaf: (rows, errorOf, weight, ridge) => {
      let total = 0;
      let weights = ridge;
      for (const row of rows) {
        total += weight[row] * errorOf(row);
        weights += weight[row];
      }
      return total / weights;
    },
  },
  absolute: {
    value: Math.abs,
    slope: Math.sign,
    leaf: (rows, errorOf, weight) => weightedMedian(rows, errorOf, weight),
  },
};

/** The least error with half of the weight at or below it, by quickselect: leaves are too large to sort for every tree. */
function weightedMedian(rows: Int32Array, errorOf: (row: number) => number, weight: Float64Array): number {
  const errors = Float64Array.from(rows, errorOf);
  const weights = Float64Array.from(rows, (row) => weight[row]);
  const half = weights.reduce((total, value) => total + value, 0) / 2;
  let low = 0;
  let high = errors.length - 1;
  /** Weight of what lies before `low`. */
  let before = 0;
  while (low < high) {
    const pivot = medianOfThree(errors[low], errors[(low + high) >> 1], errors[high]);
    let less = low;
    let greater = high;
    let lessWeight = 0;
    let equalWeight = 0;
    for (let i = low; i <= greater; ) {
      if (errors[i] < pivot) {
        lessWeight += weights[i];
        swap(errors, weights, i++, less++);
      } else if (errors[i] > pivot) swap(errors, weights, i, greater--);
      else equalWeight += weights[i++];
    }
    if (before + lessWeight >= half && less > low) high = less - 1;
    else if (before + lessWeight + equalWeight >= half || greater === high) return pivot;
    else {
      before += lessWeight + equalWeight;
      low = greater + 1;
    }
  }
  return errors[low];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(errors: Float64Array, weights: Float64Array, i: number, j: number): void {
  [errors[i], errors[j]] = [errors[j], errors[i]];
  [weights[i], weights[j]] = [weights[j], weights[i]];
}

function splitRows({ target, heldOut }: BoostingData): { training: Int32Array; heldOut: Int32Array } {
  const rows = Int32Array.from({ length: target.length }, (_, row) => row);
  return {
    training: rows.filter((row) => !heldOut?.[row]),
    heldOut: rows.filter((row) => Boolean(heldOut?.[row])),
  };
}

/** Weights whose mean over the training rows is 1, so that least leaf weights count rows. */
function meanOne(weight: ArrayLike<number> | undefined, training: Int32Array, count: number): Float64Array {
  if (!weight) return new Float64Array(count).fill(1);
  const mean = training.reduce((total, row) => total + weight[row], 0) / training.length;
  return Float64Array.from({ length: count }, (_, row) => weight[row] / mean);
}

/** A share of the items, at least one, in their order. */
function sample(items: Int32Array, share: number, random: Random): Int32Array {
  if (share >= 1) return items;
  const wanted = Math.max(1, Math.round(share * items.length));
  const drawn = new Int32Array(wanted);
  let taken = 0;
  for (let i = 0; i < items.length && taken < wanted; i++)
    if (random.uniform() * (items.length - i) < wanted - taken) drawn[taken++] = items[i];
  return drawn.subarray(0, taken);
}
