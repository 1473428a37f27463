import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { exportEmbeddings, recommendAll, recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { stories as sampleStories, socialNetwork } from '../../../fixtures/index.ts';
import { stories } from '../../../models/stories.ts';
import { trainWithBreak } from '../../support/resumedTraining.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = { width: 8, epochs: 6, learningRate: 0.02, batchPairs: 128, egoSize: 6 };

const folder = mkdtempSync(join(tmpdir(), 'etalon-stories-'));
let store: ProjectStore;
beforeAll(async () => {
  store = createProject(join(folder, 'stories.etalon'));
  const { data } = sampleStories(await socialNetwork({ users: 200, days: 57 }));
  store.writeInteractions('stories', data, emptyReport('generated'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

it('predicts affinities of viewers whom it never saw better than their mean, and is judged beside its baselines', async () => {
  const evaluation = await evaluateRecommender(stories, store, await trained(), quietContext);
  expect(evaluation.judgedBy).toBe('mse');
  expect(Object.keys(evaluation.figures)).toEqual(['mse', 'mae', 'ndcg@10']);
  expect(Object.keys(evaluation.baselines)).toEqual(Object.keys(stories.baselines!));
  const { mse } = evaluation.figures;
  expect(mse.value).toBeLessThan(0.8 * evaluation.baselines.mean.figures.mse.value);
  for (const [id, { figures }] of Object.entries(evaluation.baselines))
    expect(evaluation.gains[id].mse.value).toBeCloseTo(figures.mse.value - mse.value, 10);
  const [{ rows }] = evaluation.reports;
  expect(rows[0][1]).toBeCloseTo(mse.value, 6);
  expect(rows).toHaveLength(4);
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const weights = (run: number) => store.loadCheckpoint(run, 'best')!.arrays.parameters;
  const [first, again, other] = [await trained(), await trained(), await trained({ seed: 2 })];
  expect(weights(again)).toEqual(weights(first));
  expect(weights(other)).not.toEqual(weights(first));

  const resumed = newRun({});
  await trainWithBreak(stories, store, resumed, training, ({ done }) => done === 8);
  expect(weights(resumed)).toEqual(weights(first));
});

it('ranks friends who have stories, with reasons that add up, and writes lists, states and a network', async () => {
  const run = await trained();
  const recommender = await stories.open(store, run, 'everything', quietContext);
  try {
    const { data } = recommender;
    const [friend, target] = [data.edges('friend'), data.edges('affinity')];
    const viewer = target.fromRows[0];
    const question = { users: [data.nodes('user').ids[viewer]], count: 5, withReasons: true };
    const [{ items }] = await recommendFor(recommender, question, quietContext);
    expect(items.length).toBeGreaterThan(1);
    for (const [place, { item, score, reasons }] of items.entries()) {
      const author = data.nodes('user').row(item);
      const joins = friend.where(
        (e) =>
          (friend.fromRows[e] === viewer && friend.toRows[e] === author) ||
          (friend.fromRows[e] === author && friend.toRows[e] === viewer),
      );
      expect(joins.length).toBe(1);
      expect(target.toRows).toContain(author);
      expect(score).toBeLessThanOrEqual(items[Math.max(0, place - 1)].score);
      const { alone, rest, interactions, neighbours, features } = reasons!;
      const told = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
      expect(alone + told + rest).toBeCloseTo(score, 4);
      expect(interactions.every((reason) => reason.item !== item)).toBe(true);
      expect(features.map(({ of }) => of)).toEqual(expect.arrayContaining(['pair', 'user', 'item']));
    }
    const lists = await recommendAll(
      recommender,
      { path: join(folder, 'lists.csv'), count: 3 },
      quietContext,
    );
    expect(lists.rows).toBeGreaterThan(100);
    const states = await exportEmbeddings(recommender, join(folder, 'states.csv'), quietContext);
    expect(states.rows).toBe(200);
  } finally {
    await recommender.dispose();
  }
  const report = await stories.exportOnnx(store, run, join(folder, 'net.onnx'), quietContext);
  expect(report.maxRelativeDifference).toBeLessThan(1e-4);
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };

function newRun({ seed = 1 }: { seed?: number }): number {
  const config: RecommenderConfig = {
    seed,
    settings: SETTINGS,
    interactions: {
      data: 'stories',
      edges: 'affinity',
      holdOut: { way: 'random', test: 0.2, validation: 0, seed: 1 },
    },
  };
  return store.createRun({ model: 'stories', config }).id;
}

async function trained(how: { seed?: number } = {}): Promise<number> {
  const run = newRun(how);
  await stories.train(store, run, training);
  return run;
}
