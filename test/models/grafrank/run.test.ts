import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { socialNetwork } from '../../../fixtures/interactions/social/index.ts';
import { grafrank } from '../../../models/grafrank.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = {
  epochs: 2,
  hardEpochs: 1,
  layers: 2,
  width: 8,
  embedding: 8,
  positions: 4,
  historyDays: 6,
  negatives: 2,
};
const folder = mkdtempSync(join(tmpdir(), 'etalon-grafrank-'));
let store: ProjectStore;
let run: number;
beforeAll(async () => {
  store = createProject(join(folder, 'network.etalon'));
  const { data } = await socialNetwork({ users: 250, days: 20, seed: 4 });
  store.writeInteractions('network', data, emptyReport('generated'));
  run = newRun();
  await grafrank.train(store, run, training);
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const weights = (of: number) => store.loadCheckpoint(of, 'best')!.arrays.parameters;
  const resumed = newRun();
  const cancel = new AbortController();
  let batches = 0;
  const interrupting: TrainContext = {
    ...training,
    signal: cancel.signal,
    report: ({ unit }) => unit === 'batches' && ++batches === 8 && cancel.abort(),
  };
  await expect(grafrank.train(store, resumed, interrupting)).rejects.toMatchObject({ code: 'cancelled' });
  await grafrank.train(store, resumed, training);
  expect(weights(resumed)).toEqual(weights(run));

  const other = newRun({ seed: 2 });
  await grafrank.train(store, other, training);
  expect(weights(other)).not.toEqual(weights(run));
});

it('is judged among friends of friends beside its baselines, with the analysis of modalities', async () => {
  const judged = await evaluateRecommender(grafrank, store, run, quietContext);
  expect(judged.judgedBy).toBe('mrr');
  expect(judged.note).toMatch(/friends of friends/);
  expect(Object.keys(judged.baselines)).toEqual(Object.keys(grafrank.baselines!));
  expect(judged.figures.mrr.value).toBeGreaterThan(judged.baselines.popularity.figures.mrr.value / 2);
  expect(judged.reports.map(({ title }) => title)).toEqual([
    'Retrieval: everybody ranked',
    'Homophily of modalities',
    'Correlation of modalities, NMI',
    'Correlation of modalities, ARI',
  ]);
  const [, homophily, nmi] = judged.reports;
  expect(homophily.rows.map(([modality]) => modality)).toEqual([
    'profile',
    'interests',
    'friending',
    'engagement',
  ]);
  nmi.rows.forEach((row, k) => {
    expect(row[k + 1]).toBeCloseTo(1, 6);
  });
}, 180_000);

it('recommends nobody who is a friend, with reasons that add up to the score', async () => {
  const recommender = await grafrank.open(store, run, 'everything', quietContext);
  try {
    const user = recommender.data.nodes('user').ids[7];
    const [{ items }] = await recommendFor(
      recommender,
      { users: [user], count: 3, withReasons: true },
      quietContext,
    );
    const { fromRows, toRows } = store.readInteractions('network').edges('friend');
    const friends = new Set<string>([user]);
    fromRows.forEach((from, edge) => {
      const ends = [from, toRows[edge]].map((row) => recommender.data.nodes('user').ids[row]);
      if (ends.includes(user)) for (const id of ends) friends.add(id);
    });
    expect(items).toHaveLength(3);
    for (const { item, score, reasons } of items) {
      expect(friends).not.toContain(item);
      const { alone, rest, interactions, neighbours, features } = reasons!;
      // The part of the network around the two gives them the score that they have in the whole.
      expect(reasons!.score).toBeCloseTo(score, 4);
      expect(interactions.every((reason) => friends.has(reason.item))).toBe(true);
      const told = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
      expect(alone + told + rest).toBeCloseTo(score, 4);
    }
  } finally {
    await recommender.dispose();
  }
});

it('writes an ONNX file that gives what the engine does', async () => {
  const report = await grafrank.exportOnnx(store, run, join(folder, 'net.onnx'), quietContext);
  expect(report.maxRelativeDifference).toBeLessThan(1e-4);
  expect(report.inputs.map(({ name }) => name).sort()).toEqual([
    'features',
    'links',
    'positions',
    'receivers',
    'senders',
  ]);
});

it('refuses to hold out friendships by user: the other end would tell', async () => {
  const way = newRun({ way: 'userTime' });
  await expect(grafrank.train(store, way, training)).rejects.toMatchObject({
    code: 'usage',
    remedy: expect.stringMatching(/--split time/),
  });
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };

function newRun({
  seed = 1,
  way = 'time' as RecommenderConfig['interactions']['holdOut']['way'],
} = {}): number {
  const config: RecommenderConfig = {
    seed,
    settings: SETTINGS,
    interactions: { data: 'network', edges: 'friend', holdOut: { way, test: 0.1, validation: 0, seed: 1 } },
  };
  return store.createRun({ model: 'grafrank', config }).id;
}
