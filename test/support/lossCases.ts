import {
  adjacencyCrossEntropy,
  adjacencyMse,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  combineLosses,
  cosine,
  cosineDistance,
  dot,
  edgeLogits,
  gaussianNll,
  hardestNegatives,
  huber,
  inBatchSoftmax,
  infomax,
  l1,
  l1Penalty,
  l2,
  l2Penalty,
  maxMargin,
  normalPrior,
  pairwiseHinge,
  pairwiseLogistic,
  quantile,
  sampledSoftmax,
  squaredDistance,
  triplet,
  twoMargin,
  weightedMean,
} from '../../core/gnn/index.ts';
import { matmul, mul, sum, type Tensor } from '../../core/tensor/index.ts';
import {
  average,
  bit,
  hinge,
  inner,
  type LossCase,
  norm,
  normal,
  positive,
  type Rows,
  share,
  sigma,
  whole,
} from './lossCase.ts';

const plainDistance = (a: number[], b: number[]) => a.reduce((total, v, i) => total + (v - b[i]) ** 2, 0);
const plainCosine = (a: number[], b: number[]) => inner(a, b) / (norm(a) * norm(b));

const similarityCases = (
  [
    ['dot', dot, inner],
    ['squaredDistance', squaredDistance, plainDistance],
    ['cosine', cosine, plainCosine],
    ['cosineDistance', cosineDistance, (a, b) => 1 - plainCosine(a, b)],
  ] satisfies [LossCase['loss'], (a: Tensor, b: Tensor) => Tensor, (a: number[], b: number[]) => number][]
).map(
  ([loss, build, formula]): LossCase => ({
    loss,
    name: 'row by row',
    inputs: { a: normal('rows', 3), b: normal('rows', 3) },
    build: ({ a, b }) => build(a, b),
    formula: ({ a, b }) => a.map((row, i) => formula(row, b[i])),
  }),
);

const regressionCases: LossCase[] = [
  {
    loss: 'l1',
    name: 'value by value',
    inputs: { error: normal('rows', 3) },
    build: ({ error }) => l1(error),
    formula: ({ error }) => error.flat().map(Math.abs),
  },
  {
    loss: 'l2',
    name: 'value by value',
    inputs: { error: normal('rows', 3) },
    build: ({ error }) => l2(error),
    formula: ({ error }) => error.flat().map((e) => e ** 2),
  },
  {
    loss: 'huber',
    name: 'on both sides of δ',
    inputs: { error: normal('rows', 3) },
    build: ({ error }) => huber(error, 0.8),
    formula: ({ error }) =>
      error.flat().map((e) => (Math.abs(e) <= 0.8 ? 0.5 * e * e : 0.8 * (Math.abs(e) - 0.4))),
  },
  {
    loss: 'gaussianNll',
    name: 'is minus the log of the density, less ½ log 2π',
    inputs: { error: normal('rows', 1), logSigma: normal('rows', 1) },
    build: ({ error, logSigma }) => gaussianNll(error, logSigma),
    formula: ({ error, logSigma }) =>
      error.map(([e], i) => {
        const variance = Math.exp(2 * logSigma[i][0]);
        const logDensity = -0.5 * Math.log(2 * Math.PI * variance) - e ** 2 / (2 * variance);
        return -logDensity - 0.5 * Math.log(2 * Math.PI);
      }),
  },
  {
    loss: 'quantile',
    name: 'of one level',
    inputs: { error: normal('rows', 2) },
    build: ({ error }) => quantile(error, 0.9),
    formula: ({ error }) => error.flat().map((e) => (e < 0 ? 0.9 : 0.1) * Math.abs(e)),
  },
  {
    loss: 'quantile',
    name: 'of a row of levels',
    inputs: { error: normal('rows', 3), levels: share(1, 3) },
    build: ({ error, levels }) => quantile(error, levels),
    formula: ({ error, levels: [levels] }) =>
      error.flatMap((row) => row.map((e, q) => (e < 0 ? levels[q] : 1 - levels[q]) * Math.abs(e))),
  },
];

const classificationCases: LossCase[] = [
  {
    loss: 'binaryCrossEntropy',
    name: 'of hard labels',
    inputs: { logits: normal('rows', 2), labels: bit('rows', 2) },
    build: ({ logits, labels }) => binaryCrossEntropy(logits, labels),
    formula: ({ logits, labels }) =>
      logits.flatMap((row, i) => row.map((z, k) => -Math.log(labels[i][k] === 1 ? sigma(z) : 1 - sigma(z)))),
  },
  {
    loss: 'binaryCrossEntropy',
    name: 'of labels in between',
    inputs: { logits: normal('rows', 1), labels: share('rows', 1) },
    build: ({ logits, labels }) => binaryCrossEntropy(logits, labels),
    formula: ({ logits, labels }) =>
      logits.map(
        ([z], i) => -(labels[i][0] * Math.log(sigma(z)) + (1 - labels[i][0]) * Math.log(1 - sigma(z))),
      ),
  },
];

const softmaxCases: LossCase[] = [
  {
    loss: 'categoricalCrossEntropy',
    name: 'of labels by number',
    inputs: { logits: normal('rows', 3), labels: whole(3, 'i32', 'rows') },
    build: ({ logits, labels }) => categoricalCrossEntropy(logits, labels),
    formula: ({ logits, labels }) =>
      logits.map((row, i) => {
        const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
        return -Math.log(Math.exp(row[labels[i][0]]) / total);
      }),
  },
  {
    loss: 'sampledSoftmax',
    name: 'of negatives that rows share, some of them hits',
    inputs: {
      positive: normal('rows', 1),
      positiveLogQ: normal('rows', 1),
      negatives: normal('rows', 4),
      negativesLogQ: normal(1, 4),
      hits: { ...bit('rows', 4), fixed: true },
    },
    build: (x) =>
      sampledSoftmax(
        { scores: x.positive, logQ: x.positiveLogQ },
        { scores: x.negatives, logQ: x.negativesLogQ },
        x.hits,
      ),
    formula: (x) =>
      x.positive.map(([s], i) => {
        const own = Math.exp(s) / Math.exp(x.positiveLogQ[i][0]);
        const others = x.negatives[i].map((z, j) =>
          x.hits[i][j] === 1 ? 0 : Math.exp(z) / Math.exp(x.negativesLogQ[0][j]),
        );
        return -Math.log(own / others.reduce((a, b) => a + b, own));
      }),
  },
  {
    loss: 'inBatchSoftmax',
    name: 'where some rows have the same item',
    inputs: {
      queries: normal('rows', 3),
      items: normal('rows', 3),
      ids: whole(4, 'f32', 'rows', 1),
      logQ: normal('rows', 1),
    },
    build: ({ queries, items, ids, logQ }) => inBatchSoftmax(queries, items, ids, logQ),
    formula: ({ queries, items, ids, logQ }) =>
      queries.map((q, i) => {
        const corrected = items.map((v, j) => Math.exp(inner(q, v)) / Math.exp(logQ[j][0]));
        const others = corrected.filter((_, j) => ids[j][0] !== ids[i][0]);
        return -Math.log(corrected[i] / others.reduce((a, b) => a + b, corrected[i]));
      }),
  },
];

const rankingCases: LossCase[] = [
  {
    loss: 'pairwiseHinge',
    name: 'of pairs',
    inputs: { positive: normal('rows', 1), negative: normal('rows', 1) },
    build: (x) => pairwiseHinge(x.positive, x.negative, 0.3),
    formula: (x) => x.positive.map(([p], i) => hinge(x.negative[i][0] - p + 0.3)),
  },
  {
    loss: 'pairwiseLogistic',
    name: 'of several negatives a row',
    inputs: { positive: normal('rows', 1), negative: normal('rows', 4) },
    build: (x) => pairwiseLogistic(x.positive, x.negative),
    formula: (x) => x.negative.flatMap((row, i) => row.map((n) => -Math.log(sigma(x.positive[i][0] - n)))),
  },
  {
    loss: 'triplet',
    name: 'by squared distance',
    inputs: { anchor: normal('rows', 3), positive: normal('rows', 3), negative: normal('rows', 3) },
    build: ({ anchor, positive, negative }) => triplet({ anchor, positive, negative }, 0.5, squaredDistance),
    formula: (x) =>
      x.anchor.map((a, i) => hinge(plainDistance(a, x.positive[i]) - plainDistance(a, x.negative[i]) + 0.5)),
  },
  {
    loss: 'triplet',
    name: 'by cosine',
    inputs: { anchor: normal('rows', 3), positive: normal('rows', 3), negative: normal('rows', 3) },
    build: ({ anchor, positive, negative }) => triplet({ anchor, positive, negative }, 0.2, cosineDistance),
    formula: (x) =>
      x.anchor.map((a, i) => hinge(plainCosine(a, x.negative[i]) - plainCosine(a, x.positive[i]) + 0.2)),
  },
  {
    loss: 'maxMargin',
    name: 'of negatives of each row',
    inputs: { positive: normal('rows', 1), negatives: normal('rows', 5) },
    build: ({ positive, negatives }) => maxMargin(positive, negatives, 0.4),
    formula: (x) => x.negatives.map((row, i) => average(row.map((n) => hinge(n - x.positive[i][0] + 0.4)))),
  },
  {
    loss: 'maxMargin',
    name: 'of negatives that the batch shares',
    inputs: { queries: normal('rows', 3), items: normal('rows', 3), negatives: normal('others', 3) },
    build: ({ queries, items, negatives }) =>
      maxMargin(sum(mul(queries, items), [1], true), matmul(queries, negatives, { transposeB: true }), 0.4),
    formula: ({ queries, items, negatives }) =>
      queries.map((q, i) => average(negatives.map((n) => hinge(inner(q, n) - inner(q, items[i]) + 0.4)))),
  },
  {
    loss: 'hardestNegatives',
    name: 'the two highest that are not the row’s own',
    inputs: {
      scores: normal('rows', 5),
      own: whole(3, 'f32', 'rows', 1),
      ids: { ...whole(3, 'f32', 1, 5), value: (random) => 1 + random.int(3) },
    },
    build: ({ scores, own, ids }) => maxMargin(mul(own, 0), hardestNegatives(scores, own, ids, 2), 20),
    formula: ({ scores, own, ids: [ids] }) =>
      scores.map((row, i) => {
        const left = row.map((score, k) => (ids[k] === own[i][0] ? score - 1e4 : score));
        return average(
          left
            .toSorted((a, b) => b - a)
            .slice(0, 2)
            .map((score) => hinge(score + 20)),
        );
      }),
  },
  {
    loss: 'hardestNegatives',
    name: 'the highest alone',
    inputs: { scores: normal('rows', 4), own: whole(9, 'f32', 'rows', 1), ids: whole(9, 'f32', 1, 4) },
    build: ({ scores, own, ids }) => hardestNegatives(scores, mul(own, 100), ids, 1),
    formula: ({ scores, own, ids: [ids] }) =>
      scores.map((row, i) => Math.max(...row.map((v, k) => (ids[k] === 100 * own[i][0] ? v - 1e4 : v)))),
  },
  {
    loss: 'twoMargin',
    name: 'as Uber Eats prints it, where some rows have no low-rank positive',
    inputs: {
      z_u: normal('rows', 3),
      z_v: normal('rows', 3),
      z_n: normal('rows', 3),
      z_l: normal('rows', 3),
      known: bit('rows', 1),
    },
    build: ({ z_u, z_v, z_n, z_l, known }) => {
      const score = (z: Tensor) => sum(mul(z_u, z), [1], true);
      return twoMargin(
        { positive: score(z_v), negatives: score(z_n), lowRank: score(z_l) },
        { negativeMargin: 0.6, negativeWeight: 0.7, lowRankMargin: 0.2, lowRankWeight: mul(known, 0.4) },
      );
    },
    formula: ({ z_u, z_v, z_n, z_l, known }) =>
      z_u.map((u, i) => {
        const [v, n, l] = [z_v, z_n, z_l].map((z) => inner(u, z[i]));
        return 0.7 * hinge(-v + n + 0.6) + known[i][0] * 0.4 * hinge(-v + l + 0.2);
      }),
  },
];

const pairInputs = {
  z: normal(4, 3),
  first: whole(4, 'i32', 'rows'),
  second: whole(4, 'i32', 'rows'),
  edge: bit('rows', 1),
};
const pairLogit = ({ z, first, second }: Record<string, Rows>, i: number) =>
  inner(z[first[i][0]], z[second[i][0]]);

const reconstructionCases: LossCase[] = [
  {
    loss: 'edgeLogits',
    name: 'are inner products',
    inputs: pairInputs,
    build: ({ z, first, second }) => edgeLogits(z, { first, second }),
    formula: (x) => x.first.map((_, i) => pairLogit(x, i)),
  },
  {
    loss: 'adjacencyMse',
    name: 'of pairs',
    inputs: pairInputs,
    build: ({ z, first, second, edge }) => adjacencyMse(z, { first, second, edge }),
    formula: (x) => x.edge.map(([a], i) => (a - sigma(pairLogit(x, i))) ** 2),
  },
  {
    loss: 'adjacencyCrossEntropy',
    name: 'of pairs',
    inputs: pairInputs,
    build: ({ z, first, second, edge }) => adjacencyCrossEntropy(z, { first, second, edge }),
    formula: (x) =>
      x.edge.map(([a], i) => -Math.log(a === 1 ? sigma(pairLogit(x, i)) : 1 - sigma(pairLogit(x, i)))),
  },
  {
    loss: 'normalPrior',
    name: 'is the integral of q log(q / p)',
    inputs: { mean: normal('rows', 2), logSigma: normal('rows', 2) },
    build: ({ mean, logSigma }) => normalPrior(mean, logSigma),
    formula: ({ mean, logSigma }) =>
      mean.map((row, i) => row.reduce((total, mu, k) => total + divergence(mu, Math.exp(logSigma[i][k])), 0)),
  },
];

/** KL(N(μ, σ²) ‖ N(0, 1)) by the trapezoidal rule over ±12 σ, which is exact to rounding for what falls off so. */
function divergence(mu: number, sigmaOf: number): number {
  const steps = 4000;
  const width = 24 / steps;
  let total = 0;
  for (let k = 0; k <= steps; k++) {
    const z = -12 + k * width;
    const x = mu + sigmaOf * z;
    const logRatio = -0.5 * z * z - Math.log(sigmaOf) + 0.5 * x * x;
    total += (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * logRatio * width;
  }
  return total;
}

const infomaxCase: LossCase = {
  loss: 'infomax',
  name: 'of two graphs',
  inputs: {
    real: normal('rows', 3),
    corrupted: normal('rows', 3),
    discriminator: normal(3, 3),
    nodeGraph: whole(2, 'i32', 'rows'),
    graphs: { ...normal(2, 1), fixed: true },
  },
  build: ({ real, corrupted, discriminator, nodeGraph, graphs }) =>
    infomax({ real, corrupted, nodeGraph, graphs }, discriminator),
  formula: ({ real, corrupted, discriminator, nodeGraph }) => {
    const graphOf = nodeGraph.flat();
    const summaries = [0, 1].map((g) => {
      const own = real.filter((_, i) => graphOf[i] === g);
      return [0, 1, 2].map((d) => sigma(own.length > 0 ? average(own.map((row) => row[d])) : 0));
    });
    const score = (h: number[], i: number) =>
      inner(
        h,
        discriminator.map((row) => inner(row, summaries[graphOf[i]])),
      );
    return real.map(
      (row, i) => -0.5 * (Math.log(sigma(score(row, i))) + Math.log(1 - sigma(score(corrupted[i], i)))),
    );
  },
};

const scalarCases: LossCase[] = [
  {
    loss: 'l1Penalty',
    name: 'of two parameters',
    inputs: { kernel: normal(2, 3), bias: normal(3) },
    build: ({ kernel, bias }) => l1Penalty([kernel, bias]),
    formula: ({ kernel, bias }) => [[...kernel, ...bias].flat().reduce((total, w) => total + Math.abs(w), 0)],
  },
  {
    loss: 'l2Penalty',
    name: 'of two parameters',
    inputs: { kernel: normal(2, 3), bias: normal(3) },
    build: ({ kernel, bias }) => l2Penalty([kernel, bias]),
    formula: ({ kernel, bias }) => [[...kernel, ...bias].flat().reduce((total, w) => total + w * w, 0)],
  },
  {
    loss: 'weightedMean',
    name: 'of rows',
    inputs: { losses: normal('rows', 1), weights: positive('rows', 1) },
    build: ({ losses, weights }) => weightedMean(losses, weights),
    formula: ({ losses, weights }) =>
      losses.length === 0
        ? [0]
        : [inner(losses.flat(), weights.flat()) / weights.flat().reduce((a, b) => a + b)],
  },
  {
    loss: 'combineLosses',
    name: 'by a number and by a weight that is fed',
    inputs: { near: normal(), far: normal(), weight: normal() },
    build: ({ near, far, weight }) => combineLosses({ near, far }, { near: 0.5, far: weight }).loss,
    formula: ({ near: [[near]], far: [[far]], weight: [[weight]] }) => [0.5 * near + weight * far],
  },
];

/** Every loss, and every way of using it that has a formula of its own. */
export const LOSS_CASES: readonly LossCase[] = [
  ...similarityCases,
  ...regressionCases,
  ...classificationCases,
  ...softmaxCases,
  ...rankingCases,
  ...reconstructionCases,
  infomaxCase,
  ...scalarCases,
];
