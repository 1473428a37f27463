/** A binary tree over binned columns as arrays by node; node 0 is the root. */
export interface Tree {
  /** Column that a node asks for; −1 at a leaf. */
  readonly feature: Int16Array;
  /** Rows whose bin is at most this go left. */
  readonly bin: Uint8Array;
  readonly left: Int16Array;
  readonly right: Int16Array;
  /** What a leaf adds to the prediction; 0 elsewhere. */
  readonly value: Float64Array;
}

/** The leaf that a row falls into. */
export function leafOf(
  { feature, bin, left, right }: Tree,
  columns: readonly Uint8Array[],
  row: number,
): number {
  let node = 0;
  while (feature[node] >= 0) node = columns[feature[node]][row] <= bin[node] ? left[node] : right[node];
  return node;
}

export interface GrowthOptions {
  /** Leaves of a tree, at most. */
  leaves: number;
  /** The least weight of a leaf's rows. */
  leafWeight: number;
  /** λ: pulls leaves of little weight to 0. */
  ridge: number;
}

export interface GrownTree {
  tree: Tree;
  /** Rows of each leaf, by its node. */
  leafRows: Map<number, Int32Array>;
}

/** A leaf that may still be split. */
interface Leaf {
  node: number;
  rows: Int32Array;
  gradient: number;
  weight: number;
  /** [bins of the features in use] gradient and weight, interleaved. */
  sums: Float64Array;
  split: Split | undefined;
}

interface Split {
  gain: number;
  feature: number;
  bin: number;
  leftGradient: number;
  leftWeight: number;
}

export interface GrowthData {
  columns: readonly Uint8Array[];
  binCounts: readonly number[];
  /** Columns that may be asked for. */
  features: readonly number[];
  rows: Int32Array;
  /** [all rows] of the loss by the prediction, and its second derivative or a stand-in. */
  gradient: Float64Array;
  weight: Float64Array;
}

/**
 * Grows a tree leaf-wise: the leaf whose split lowers the loss most is split next. The loss that a leaf with gradients G and
 * weights H can reach is −½ G² / (H + λ) (Chen & Guestrin 2016, eq. 6), so a split gains G_L²/(H_L+λ) + G_R²/(H_R+λ) −
 * G²/(H+λ). A child's sums are counted for the smaller one and subtracted for the other. Leaf values are −G / (H + λ).
 */
export function growTree(data: GrowthData, options: GrowthOptions): GrownTree {
  const starts = startsOf(data);
  const nodes: { feature: number; bin: number; left: number; right: number; value: number }[] = [];
  const addNode = (gradient: number, weight: number) =>
    nodes.push({ feature: -1, bin: 0, left: -1, right: -1, value: -gradient / (weight + options.ridge) }) - 1;
  const leaf = (rows: Int32Array, sums: Float64Array, gradient: number, weight: number): Leaf => {
    const made: Leaf = {
      node: addNode(gradient, weight),
      rows,
      gradient,
      weight,
      sums,
      split: undefined,
    };
    made.split = bestSplit(data, starts, made, options);
    return made;
  };
  const rootSums = countSums(data, starts, data.rows);
  const totals = totalOf(rootSums, data.binCounts[data.features[0]]);
  const leaves = [leaf(data.rows, rootSums, totals.gradient, totals.weight)];
  while (leaves.length < options.leaves) {
    let at = -1;
    leaves.forEach(({ split }, i) => {
      if (split && (at < 0 || split.gain > leaves[at].split!.gain)) at = i;
    });
    if (at < 0) break;
    const parent = leaves[at];
    const { feature, bin, leftGradient, leftWeight } = parent.split!;
    const [leftRows, rightRows] = partition(data.columns[feature], bin, parent.rows);
    const leftIsSmaller = leftRows.length <= rightRows.length;
    const counted = countSums(data, starts, leftIsSmaller ? leftRows : rightRows);
    const rest = parent.sums;
    for (let i = 0; i < rest.length; i++) rest[i] -= counted[i];
    const left = leaf(leftRows, leftIsSmaller ? counted : rest, leftGradient, leftWeight);
    const right = leaf(
      rightRows,
      leftIsSmaller ? rest : counted,
      parent.gradient - leftGradient,
      parent.weight - leftWeight,
    );
    nodes[parent.node] = { feature, bin, left: left.node, right: right.node, value: 0 };
    leaves.splice(at, 1, left, right);
  }
  return {
    tree: {
      feature: Int16Array.from(nodes, (node) => node.feature),
      bin: Uint8Array.from(nodes, (node) => node.bin),
      left: Int16Array.from(nodes, (node) => node.left),
      right: Int16Array.from(nodes, (node) => node.right),
      value: Float64Array.from(nodes, (node) => node.value),
    },
    leafRows: new Map(leaves.map(({ node, rows }) => [node, rows])),
  };
}

/** Where each feature's bins begin among the sums, in bins. */
function startsOf({ features, binCounts }: GrowthData): Int32Array {
  const starts = new Int32Array(features.length + 1);
  features.forEach((feature, i) => {
    starts[i + 1] = starts[i] + binCounts[feature];
  });
  return starts;
}

function countSums(
  { columns, features, gradient, weight }: GrowthData,
  starts: Int32Array,
  rows: Int32Array,
): Float64Array {
  const sums = new Float64Array(2 * starts[features.length]);
  const count = rows.length;
  const rowGradient = new Float64Array(count);
  const rowWeight = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    rowGradient[i] = gradient[rows[i]];
    rowWeight[i] = weight[rows[i]];
  }
  for (let f = 0; f < features.length; f++) {
    const column = columns[features[f]];
    const start = starts[f];
    for (let i = 0; i < count; i++) {
      const at = 2 * (start + column[rows[i]]);
      sums[at] += rowGradient[i];
      sums[at + 1] += rowWeight[i];
    }
  }
  return sums;
}

/** Of the first feature's bins, which hold every row once. */
function totalOf(sums: Float64Array, bins: number): { gradient: number; weight: number } {
  let gradient = 0;
  let weight = 0;
  for (let bin = 0; bin < bins; bin++) {
    gradient += sums[2 * bin];
    weight += sums[2 * bin + 1];
  }
  return { gradient, weight };
}

function bestSplit(
  { features, binCounts }: GrowthData,
  starts: Int32Array,
  { gradient, weight, sums }: Leaf,
  { leafWeight, ridge }: GrowthOptions,
): Split | undefined {
  if (weight < 2 * leafWeight) return undefined;
  const unsplit = (gradient * gradient) / (weight + ridge);
  // Rounding alone must not split a leaf.
  let best: Split | undefined;
  let bestGain = 1e-9 * (1 + Math.abs(unsplit));
  for (let f = 0; f < features.length; f++) {
    let leftGradient = 0;
    let leftWeight = 0;
    const last = binCounts[features[f]] - 1;
    for (let bin = 0; bin < last; bin++) {
      const at = 2 * (starts[f] + bin);
      leftGradient += sums[at];
      leftWeight += sums[at + 1];
      const rightWeight = weight - leftWeight;
      if (leftWeight < leafWeight) continue;
      if (rightWeight < leafWeight) break;
      const rightGradient = gradient - leftGradient;
      const gain =
        (leftGradient * leftGradient) / (leftWeight + ridge) +
        (rightGradient * rightGradient) / (rightWeight + ridge) -
        unsplit;
      if (gain <= bestGain) continue;
      bestGain = gain;
      best = { gain, feature: features[f], bin, leftGradient, leftWeight };
    }
  }
  return best;
}

/** Rows of the left and right child, each in the order of the parent's. */
function partition(column: Uint8Array, bin: number, rows: Int32Array): [Int32Array, Int32Array] {
  let left = 0;
  for (let i = 0; i < rows.length; i++) if (column[rows[i]] <= bin) left++;
  const leftRows = new Int32Array(left);
  const rightRows = new Int32Array(rows.length - left);
  let l = 0;
  let r = 0;
  for (let i = 0; i < rows.length; i++) {
    if (column[rows[i]] <= bin) leftRows[l++] = rows[i];
    else rightRows[r++] = rows[i];
  }
  return [leftRows, rightRows];
}
