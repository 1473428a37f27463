import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenRecommender, RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { exportEmbeddings, recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { pins as samplePins } from '../../../fixtures/interactions/pins.ts';
import { pins } from '../../../models/pins.ts';
import { trainWithBreak } from '../../support/resumedTraining.ts';
import { correlation } from '../../support/samples.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = {
  ...{ neighbours: 8, walks: 50, messageWidth: 16, width: 16, textBuckets: 32, batchPairs: 128 },
  ...{ negatives: 100, hardMost: 2, hardFrom: 20, hardTo: 80, epochs: 4, learningRate: 0.01 },
};
const { data } = samplePins({ seed: 5, pins: 300, boards: 80, pairs: 1500 });

const folder = mkdtempSync(join(tmpdir(), 'etalon-pins-'));
let store: ProjectStore;
let trained: number;
beforeAll(async () => {
  store = createProject(join(folder, 'pins.etalon'));
  store.writeInteractions('pins', data, emptyReport('generated'));
  trained = newRun();
  await pins.train(store, trained, training);
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };

function newRun(edges = 'savedNext', settings: Record<string, unknown> = SETTINGS): number {
  const way = edges === 'savedNext' ? 'time' : 'userTime';
  const holdOut = { way, test: 0.2, validation: 0, seed: 1 } as const;
  const config: RecommenderConfig = { seed: 1, settings, interactions: { data: 'pins', edges, holdOut } };
  return store.createRun({ model: 'pins', config }).id;
}

async function opened<T>(run: number, use: (recommender: OpenRecommender) => Promise<T>): Promise<T> {
  const recommender = await pins.open(store, run, 'everything', quietContext);
  return use(recommender).finally(() => recommender.dispose());
}

const weights = (run: number) => store.loadCheckpoint(run, 'best')!.arrays.parameters;

it('finds what is saved next above what is popular, beside every baseline of its own', async () => {
  const judged = await evaluateRecommender(pins, store, trained, quietContext);
  expect(Object.keys(judged.baselines)).toEqual([
    ...Object.keys(pins.baselines!),
    ...['popularity', 'itemKnn', 'bprMf'],
  ]);
  expect(judged.judgedBy).toBe('hit@10');
  expect(judged.users).toBeGreaterThan(100);
  const { auc } = judged.figures;
  expect(auc.value).toBeGreaterThan(judged.baselines.popularity.figures.auc.value + 0.1);
  expect(auc.value).toBeGreaterThan(0.7);
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const resumed = newRun();
  await trainWithBreak(
    pins,
    store,
    resumed,
    training,
    ({ stage, done }) => stage.startsWith('Training') && done === 22,
  );
  expect(weights(resumed)).toEqual(weights(trained));
});

it('recommends related pins, with reasons that add up to the score', async () => {
  const question = { users: ['pin7'], count: 3, withReasons: true };
  const [{ items }] = await opened(trained, (recommender) =>
    recommendFor(recommender, question, quietContext),
  );
  expect(items).toHaveLength(3);
  for (const { item, score, reasons } of items) {
    expect(item).not.toBe('pin7');
    const { alone, rest, interactions, neighbours, features } = reasons!;
    const told = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
    expect(alone + told + rest).toBeCloseTo(score, 4);
    expect(interactions.length).toBeGreaterThan(0);
    expect(features.some(({ of }) => of === 'item')).toBe(true);
  }
});

it('asks a board by its pins, and offers none of them', async () => {
  const { neighbours, offsets } = data.adjacency('saved', 'in');
  const row = data.nodes('board').row('board4');
  const own = new Set(
    Array.from(neighbours.subarray(offsets[row], offsets[row + 1]), (pin) => data.nodes('pin').ids[pin]),
  );
  await opened(trained, async (recommender) => {
    const question = { users: ['board4', 'board:board4'], count: 5, withReasons: true };
    const [byId, byType] = await recommendFor(recommender, question, quietContext);
    expect(byType.items).toEqual(byId.items);
    const scores = await Promise.all(
      [...own].map(async (pin) => {
        const found = await recommender.scorer(Int32Array.of(data.nodes('pin').row(pin)));
        return found[data.nodes('pin').row(byId.items[0].item)];
      }),
    );
    const [{ item, score, reasons }] = byId.items;
    expect(own).not.toContain(item);
    expect(score).toBeCloseTo(scores.reduce((sum, value) => sum + value, 0) / own.size, 5);
    expect(reasons!.interactions.every(({ item: pin }) => own.has(pin))).toBe(true);
  });
});

it('knows a pin that came after training by its features and boards alone', async () => {
  const later = createProject(join(folder, 'later.etalon'));
  try {
    const twin = 11;
    later.writeInteractions('pins', withTwin(data, twin), emptyReport('generated'));
    const { id } = later.createRun({ model: 'pins', config: store.run(trained).config });
    later.saveCheckpoint(id, 'best', store.loadCheckpoint(trained, 'best')!);
    const recommender = await pins.open(later, id, 'everything', quietContext);
    const scores = await recommender.scorer(Int32Array.of(300, twin));
    await recommender.dispose();
    // The new pin is where its twin is and looks like it: what it goes with is nearly the same.
    const [own, other] = [scores.subarray(0, 300), scores.subarray(301, 601)];
    expect(correlation(own, other)).toBeGreaterThan(0.9);
  } finally {
    later.close();
  }
});

it('writes each pin once to its embeddings, and a network that ONNX Runtime runs alike', async () => {
  const path = join(folder, 'states.csv');
  const { rows } = await opened(trained, (recommender) => exportEmbeddings(recommender, path, quietContext));
  expect(rows).toBe(300);
  expect(readFileSync(path, 'utf8').split('\n')[1]).toMatch(/^pin,pin0(,-?[\d.e-]+){16}$/);
  const report = await pins.exportOnnx(store, trained, join(folder, 'pins.onnx'), quietContext);
  expect(report.outputs).toEqual([{ name: 'states', shape: ['nodes2', 16] }]);
  expect(report.checked).toBe(1);
});

it('takes users for boards where edges lead from them, and stands beside the usual baselines', async () => {
  const run = newRun('kept', { ...SETTINGS, epochs: 2 });
  const boards = data.edges('saved');
  const kept = { ...boards, name: 'kept', from: 'board', to: 'pin' };
  const turned = new InteractionData(
    [data.nodes('pin'), data.nodes('board')],
    [{ ...kept, fromRows: boards.toRows, toRows: boards.fromRows }],
  );
  const project = createProject(join(folder, 'turned.etalon'));
  try {
    project.writeInteractions('pins', turned, emptyReport('generated'));
    const { id } = project.createRun({ model: 'pins', config: store.run(run).config });
    await pins.train(project, id, training);
    const judged = await evaluateRecommender(pins, project, id, quietContext);
    expect(Object.keys(judged.baselines)).toEqual(['popularity', 'itemKnn', 'bprMf']);
    const recommender = await pins.open(project, id, 'everything', quietContext);
    const question = { users: ['board4'], count: 2, withReasons: true };
    const [{ items }] = await recommendFor(recommender, question, quietContext);
    await recommender.dispose();
    for (const { score, reasons } of items) {
      const told = reasons!.interactions.reduce((sum, { share }) => sum + share, 0);
      expect(told + reasons!.rest).toBeCloseTo(score, 5);
    }
  } finally {
    project.close();
  }
});

it('says what is missing from data without boards', async () => {
  const project = createProject(join(folder, 'bare.etalon'));
  try {
    const bare = new InteractionData([data.nodes('pin')], [data.edges('savedNext')]);
    project.writeInteractions('pins', bare, emptyReport('generated'));
    const { id } = project.createRun({ model: 'pins', config: store.run(trained).config });
    await expect(pins.train(project, id, training)).rejects.toMatchObject({
      code: 'input',
      remedy: expect.stringContaining('boards'),
    });
  } finally {
    project.close();
  }
});

/** The same data with a pin beside: with the features of another, on its boards. */
function withTwin(before: InteractionData, twin: number): InteractionData {
  const nodes = before.nodes('pin');
  const rows = Int32Array.from([...nodes.ids.keys(), twin]);
  const { features } = nodes.take(rows);
  const saved = before.edges('saved');
  const own = saved.where((edge) => saved.fromRows[edge] === twin);
  const edges = saved.take(Int32Array.from([...saved.fromRows.keys(), ...own]));
  edges.fromRows.fill(nodes.count, saved.count);
  return new InteractionData(
    [{ name: 'pin', ids: [...nodes.ids, 'new'], features }, before.nodes('board')],
    [edges, before.edges('savedNext')],
  );
}
