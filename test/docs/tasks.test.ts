import { type Device, openDevice } from '@etalon/core/device';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphClassification, WRONG_LABELS } from '../../docs/examples/graphClassification.ts';
import * as graphs from '../../docs/examples/graphRegression.ts';
import * as links from '../../docs/examples/linkPrediction.ts';
import * as people from '../../docs/examples/nodeClassification.ts';
import * as fields from '../../docs/examples/nodeRegression.ts';
import * as tastes from '../../docs/examples/ranking.ts';

/**
 * The worked examples of docs/tasks.md on data whose best possible answer is known in closed form. A model may fall short of
 * it, or luckily exceed it, by three standard errors of the figure: that much comes of the size of the test set alone.
 */

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

const STANDARD_ERRORS = 3;

/** Root mean square errors of n independent normal errors scatter by σ / √(2n), shares by √(p (1 − p) / n). */
const ofRmse = (sigma: number, n: number) => sigma / Math.sqrt(2 * n);
const ofShare = (p: number, n: number) => Math.sqrt((p * (1 - p)) / n);

function expectWithin(figure: number, best: number, standardError: number): void {
  expect(figure).toBeGreaterThan(best - STANDARD_ERRORS * standardError);
  expect(figure).toBeLessThan(best + STANDARD_ERRORS * standardError);
}

it('graph classification is right as often as labels are', async () => {
  const { accuracy, graphs } = await graphClassification(device);
  const best = 1 - WRONG_LABELS;
  expectWithin(accuracy, best, ofShare(best, graphs));
});

it('graph regression errs by the noise of the count alone', async () => {
  const { rmse, graphs: count } = await graphs.graphRegression(device);
  expectWithin(rmse, graphs.NOISE, ofRmse(graphs.NOISE, count));
});

describe('node regression', () => {
  it('errs as the mean of a node and its four neighbours does', async () => {
    const { rmse, nodes } = await fields.nodeRegression(device);
    const best = fields.NOISE * Math.sqrt(1 + 1 / 5);
    expectWithin(rmse, best, ofRmse(best, nodes));
  });

  it('says the same each time, to the bit', async () => {
    expect(await fields.nodeRegression(device)).toEqual(await fields.nodeRegression(device));
  });
});

it('node classification is better than one hop allows, and not better than all labels would', async () => {
  const { accuracy, people: asked } = await people.nodeClassification(device);
  const { oneHop, allLabels } = accuraciesOfBlocks();
  // The figures are those of the setting: what one says, what acquaintances say, who they are.
  expect(oneHop).toBeGreaterThan(standardNormal(people.LEANING));
  expect(allLabels).toBeGreaterThan(oneHop);
  expect(accuracy).toBeGreaterThan(oneHop - STANDARD_ERRORS * ofShare(oneHop, asked));
  expect(accuracy).toBeLessThan(allLabels + STANDARD_ERRORS * ofShare(allLabels, asked));
});

it('link prediction ranks missing edges as the blocks themselves do', async () => {
  const { auc, missing, absent } = await links.linkPrediction(device);
  const { inside, across } = links.JOINED;
  const samePairs = (links.NODES / 2 - 1) / (links.NODES - 1);
  const sameOf = (same: number, other: number) =>
    (same * samePairs) / (same * samePairs + other * (1 - samePairs));
  const [ofEdges, ofOthers] = [sameOf(inside, across), sameOf(1 - inside, 1 - across)];
  // Ranked by "same block or not", a pair of an edge and another pair is in order, tied, or in disorder.
  const best = ofEdges * (1 - ofOthers) + (ofEdges * ofOthers + (1 - ofEdges) * (1 - ofOthers)) / 2;
  expectWithin(auc, best, Math.hypot(ofShare(ofEdges, missing), ofShare(ofOthers, absent)) / 2);
});

it('ranking recalls what the tastes themselves recall', async () => {
  const { recalls, users } = await tastes.ranking(device);
  const expected = users.map(recallByTaste);
  const difference = recalls.map((recall, i) => recall - expected[i]);
  const scatter = Math.sqrt(mean(difference.map((value) => value ** 2)) / difference.length);
  expectWithin(mean(recalls), mean(expected), scatter);
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * How often the party of a person can be told: at best by a weighted sum of what the person and all acquaintances say (over
 * all weights), and by one who knows the party of everybody else (Bayes).
 */
function accuraciesOfBlocks(): { oneHop: number; allLabels: number } {
  const { LEANING, PEOPLE } = people;
  const { inside, across } = people.KNOWS;
  const [same, other] = [PEOPLE / 2 - 1, PEOPLE / 2];
  const cases = binomial(same, inside).flatMap((p, i) =>
    binomial(other, across).map((q, o) => ({ probability: p * q, i, o })),
  );
  const share = (right: (i: number, o: number) => number) =>
    cases.reduce((total, { probability, i, o }) => total + probability * right(i, o), 0);

  const weights = Array.from({ length: 20 }, (_, step) => step / 10);
  const oneHop = weights.map((w) =>
    share((i, o) => standardNormal((LEANING * (1 + w * (i - o))) / Math.sqrt(1 + w * w * (i + o)))),
  );
  const allLabels = share((i, o) => {
    const acquaintances = (i - o) * Math.log(inside / across);
    const strangers = (same - i - (other - o)) * Math.log((1 - inside) / (1 - across));
    return standardNormal((2 * LEANING ** 2 + acquaintances + strangers) / (2 * LEANING));
  });
  return { oneHop: Math.max(...oneHop), allLabels };
}

/** What recall to expect where items of the user's taste come first, in any order, then all others. */
function recallByTaste({ taste, known, heldOut }: tastes.Taken): number {
  const isSame = (item: number) => item % tastes.TASTES === taste;
  const left = Array.from({ length: tastes.ITEMS }, (_, item) => item).filter((item) => !known.has(item));
  const same = left.filter(isSame).length;
  const heldSame = [...heldOut].filter(isSame).length;
  const places = Math.min(tastes.PLACES, same);
  const rest = (tastes.PLACES - places) / (left.length - same);
  return (heldSame * (places / same) + (heldOut.size - heldSame) * rest) / heldOut.size;
}

/** P(X = k) for k = 0 … 60 of n trials. */
function binomial(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 0; k < 60; k++) probabilities.push((probabilities[k] * (n - k) * p) / ((k + 1) * (1 - p)));
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
  return probabilities;
}

/** P(Z ≤ x) of a standard normal Z, by Simpson's rule from −10. */
function standardNormal(x: number): number {
  const steps = 400;
  const width = (x + 10) / steps;
  const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  let total = 0;
  for (let i = 0; i <= steps; i++)
    total += density(-10 + i * width) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  return (total * width) / 3;
}
