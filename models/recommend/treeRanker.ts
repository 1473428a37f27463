import { randomStream, type TaskContext } from '@etalon/core/base';
import { type BoostedTrees, type BoostingOptions, boostTrees } from '@etalon/core/trees';

/** Ours: the papers have rankers and do not describe them. */
const TREES: Partial<BoostingOptions> = {
  trees: 150,
  patience: 20,
  leaves: 15,
  learningRate: 0.1,
  columnShare: 0.8,
};
const RANKER_STREAM = 8;
/** One list in so many says when to stop. */
const HELD_OUT = 5;

/** Candidates of some questions, list after list. */
export interface JudgedLists {
  /** [columns][rows] */
  readonly columns: readonly Float64Array[];
  /** [rows] 1 for what is relevant, else 0. */
  readonly relevant: Float64Array;
  /** [rows] number of the list. */
  readonly list: Int32Array;
}

/** Boosted trees that tell relevant candidates from others; the highest value is ranked first. */
export class TreeRanker {
  readonly #trees: BoostedTrees;

  private constructor(trees: BoostedTrees) {
    this.#trees = trees;
  }

  static async fit(
    { columns, relevant, list }: JudgedLists,
    seed: number,
    context: TaskContext,
  ): Promise<TreeRanker> {
    const heldOut = Uint8Array.from(list, (number) => Number(number % HELD_OUT === 0));
    const data = { columns, target: relevant, heldOut };
    return new TreeRanker(await boostTrees(data, TREES, randomStream(seed, RANKER_STREAM), context));
  }

  /** [rows] */
  scores(columns: readonly Float64Array[]): Float64Array {
    return columns[0].length === 0 ? new Float64Array(0) : this.#trees.predict(columns);
  }
}
