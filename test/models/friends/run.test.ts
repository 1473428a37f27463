import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { friends } from '../../../models/friends.ts';
import { communities, TASTES } from '../../support/friendsData.ts';
import { emptyReport } from '../../support/trips.ts';

const USERS = 160;
const SETTINGS = {
  ...{ hidden: 8, width: 8, epochs: 4, batchPairs: 64, negatives: 32, learningRate: 0.02 },
  ...{ candidates: 20, rankerEpochs: 4, rankerNegatives: 4, rankerHidden: 4 },
};

const folder = mkdtempSync(join(tmpdir(), 'etalon-friends-'));
const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };
let store: ProjectStore;
let run: number;
beforeAll(async () => {
  store = createProject(join(folder, 'network.etalon'));
  store.writeInteractions('network', communities(USERS), emptyReport('generated'));
  run = await trained();
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const weights = (id: number) => store.loadCheckpoint(id, 'best')!.arrays;
const tasteOf = (id: string) => Number(id.slice(1)) % TASTES;

function newRun({ seed = 1, way = 'time' }: { seed?: number; way?: 'time' | 'userTime' } = {}): number {
  const holdOut = { way, test: 0.2, validation: 0, seed: 1 };
  const config: RecommenderConfig = {
    seed,
    settings: SETTINGS,
    interactions: { data: 'network', edges: 'friend', holdOut },
  };
  return store.createRun({ model: 'friends', config }).id;
}

async function trained(how: { seed?: number } = {}): Promise<number> {
  const id = newRun(how);
  await friends.train(store, id, training);
  return id;
}

it('finds new friends far above popularity, and tells what embeddings add to friends of friends', async () => {
  const judged = await friends.evaluate!(store, run, quietContext);
  const { figures, baselines, reports } = judged!;
  expect(Object.keys(baselines)).toEqual([
    ...['friendsOfFriends', 'adamicAdar', 'featuresOnly'],
    ...['popularity', 'itemKnn', 'bprMf'],
  ]);
  expect(figures['recall@10'].value).toBeGreaterThan(1.5 * baselines.popularity.figures['recall@10'].value);
  expect(reports.map(({ title }) => title)).toEqual(['Candidates', 'Overlap', 'By friends']);
  const [candidates, overlap] = reports;
  const recall = Object.fromEntries(candidates.rows.map(([name, , value]) => [name, value as number]));
  expect(recall['both, all of either']).toBeGreaterThanOrEqual(recall['friends of friends']);
  expect(recall['both, all of either']).toBeGreaterThanOrEqual(recall['embeddings, with seed friends']);
  expect(figures['joint recall@100'].value).toBe(recall['both in turns']);
  const shares = overlap.rows.slice(1).map(([, share]) => share as number);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
});

it('ends with the same weights for the same seed, however many threads make batches, stopped on the way or not', async () => {
  const again = newRun();
  const config = store.run(again).config as RecommenderConfig;
  const threaded = store.createRun({
    model: 'friends',
    config: { ...config, settings: { ...SETTINGS, threads: 2 } },
  }).id;
  await friends.train(store, threaded, training);
  expect(weights(threaded)).toEqual(weights(run));
  expect(weights(await trained({ seed: 2 }))).not.toEqual(weights(run));

  const cancel = new AbortController();
  const interrupting: TrainContext = {
    ...training,
    signal: cancel.signal,
    report: ({ stage }) => stage.startsWith('Training, epoch 3') && cancel.abort(),
  };
  await expect(friends.train(store, again, interrupting)).rejects.toMatchObject({ code: 'cancelled' });
  await expect(friends.open(store, again, 'known', quietContext)).rejects.toMatchObject({ code: 'conflict' });
  await friends.train(store, again, training);
  expect(weights(again)).toEqual(weights(run));
});

it('recommends nobody who is a friend already, with reasons that add up to the score', async () => {
  const recommender = await friends.open(store, run, 'everything', quietContext);
  try {
    const [{ items }] = await recommendFor(
      recommender,
      { users: ['u4'], count: 3, withReasons: true },
      quietContext,
    );
    const { fromRows, toRows } = recommender.data.edges('friend');
    const own = new Set([...toRows].filter((_, edge) => fromRows[edge] === 4).map((row) => `u${row}`));
    expect(items).toHaveLength(3);
    for (const { item, score, reasons, details } of items) {
      expect(own).not.toContain(item);
      expect(details['friends in common']).toBeGreaterThanOrEqual(0);
      const { alone, rest, interactions, neighbours, features } = reasons!;
      expect(interactions.length).toBeGreaterThan(0);
      expect(interactions.every((reason) => own.has(reason.item))).toBe(true);
      expect(features.some(({ of }) => of === 'pair')).toBe(true);
      const told = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
      expect(alone + told + rest).toBeCloseTo(score, 4);
      expect(reasons!.score).toBeCloseTo(score, 4);
    }
  } finally {
    await recommender.dispose();
  }
});

it('knows somebody who came after training by features and friends', async () => {
  const later = createProject(join(folder, 'later.etalon'));
  try {
    const before = communities(USERS);
    const { features } = before.nodes('user');
    const taste = 1;
    const grown = Object.fromEntries(
      Object.entries(features).map(([name, column]) => {
        if (column.kind === 'numeric')
          return [
            name,
            { ...column, values: Float64Array.of(...column.values, name === `n${taste}` ? 1 : 0) },
          ];
        if (column.kind === 'categorical')
          return [name, { ...column, codes: Int32Array.of(...column.codes, 0) }];
        return [name, column];
      }),
    );
    const table = before.edges('friend');
    const met = [1, 9, 17, 25].filter((user) => user % 10 !== 9);
    const data = new InteractionData(
      [{ name: 'user', ids: [...before.nodes('user').ids, 'new'], features: grown }],
      [
        {
          ...table,
          fromRows: Int32Array.of(...table.fromRows, ...met.map(() => USERS)),
          toRows: Int32Array.of(...table.toRows, ...met),
          timesS: Float64Array.of(...table.timesS!, ...met.map(() => 430 * 86_400)),
        },
        before.edges('talk'),
      ],
    );
    later.writeInteractions('network', data, emptyReport('generated'));
    const { id } = later.createRun({ model: 'friends', config: store.run(run).config });
    later.saveCheckpoint(id, 'best', store.loadCheckpoint(run, 'best')!);
    const recommender = await friends.open(later, id, 'everything', quietContext);
    const [{ items }] = await recommendFor(
      recommender,
      { users: ['new'], count: 8, withReasons: false },
      quietContext,
    );
    await recommender.dispose();
    // Two of eight would be by chance.
    expect(items.filter(({ item }) => tasteOf(item) === taste).length).toBeGreaterThanOrEqual(5);
  } finally {
    later.close();
  }
});

it('is written as a file that gives the engine’s embeddings and scores', async () => {
  const report = await friends.exportOnnx(store, run, join(folder, 'friends.onnx'), quietContext);
  expect(report.outputs.map(({ name }) => name)).toEqual(['users', 'score']);
  expect(report.maxRelativeDifference).toBeLessThan(1e-4);
});

it('refuses to hold friendships out user by user', async () => {
  await expect(friends.train(store, newRun({ way: 'userTime' }), training)).rejects.toMatchObject({
    code: 'usage',
    remedy: expect.stringContaining('--split time'),
  });
});
