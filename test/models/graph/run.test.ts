import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { exportEmbeddings, recommendAll, recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { type GraphsTruth, graphs } from '../../../fixtures/index.ts';
import { graph } from '../../../models/graph.ts';
import { emptyReport } from '../../support/trips.ts';

const folder = mkdtempSync(join(tmpdir(), 'etalon-graph-'));
let store: ProjectStore;
let truth: GraphsTruth;
beforeAll(() => {
  store = createProject(join(folder, 'graph.etalon'));
  const sample = graphs({ papers: 400, molecules: 120 });
  truth = sample.truth;
  store.writeInteractions('graphs', sample.data, emptyReport('generated'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };
const SMALL = { width: 16, epochs: 40, learningRate: 0.02 };

interface How {
  edges?: string;
  seed?: number;
  settings?: Record<string, unknown>;
}

function newRun({ edges = 'cites', seed = 1, settings = {} }: How): number {
  const config: RecommenderConfig = {
    seed,
    settings: { ...SMALL, ...settings },
    interactions: {
      data: 'graphs',
      edges,
      holdOut: { way: 'random', test: 0.2, validation: 0, seed: 1 },
    },
  };
  return store.createRun({ model: 'graph', config }).id;
}

async function trained(how: How): Promise<number> {
  const run = newRun(how);
  await graph.train(store, run, training);
  return run;
}

const told = (reasons: {
  interactions: readonly { share: number }[];
  neighbours: readonly { share: number }[];
  features: readonly { share: number }[];
}) =>
  [...reasons.interactions, ...reasons.neighbours, ...reasons.features].reduce(
    (sum, { share }) => sum + share,
    0,
  );

describe('classes of nodes', () => {
  it('knows fields of papers better than features or edges alone, of what it never saw', async () => {
    const run = await trained({ settings: { epochs: 150 } });
    const evaluation = await evaluateRecommender(graph, store, run, quietContext);
    const { figures, baselines, gains } = evaluation;
    expect(evaluation.judgedBy).toBe('accuracy');
    expect(evaluation.users).toBe(80);
    expect(Object.keys(baselines)).toEqual(['majority', 'logistic', 'propagation']);
    for (const [id, other] of Object.entries(baselines)) {
      expect(figures.accuracy.value, id).toBeGreaterThan(other.figures.accuracy.value);
      const ahead = figures.accuracy.value - other.figures.accuracy.value;
      expect(gains[id].accuracy.value, id).toBeCloseTo(ahead, 10);
    }

    // What it says of every paper, beside the truth: figures are of the held-out ones among them.
    const opened = await graph.open(store, run, 'everything', quietContext);
    try {
      const scores = await opened.scorer(Int32Array.from({ length: 400 }, (_, row) => row));
      const classes = opened.data.nodes('field').ids;
      expect(classes).toHaveLength(6);
      const right = Array.from(truth.field).filter((field, row) => {
        const own = scores.subarray(row * 6, row * 6 + 6);
        expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
        return own.indexOf(Math.max(...own)) === field;
      }).length;
      expect(right / 400).toBeGreaterThan(figures.accuracy.value - 0.05);
    } finally {
      await opened.dispose();
    }
  });

  it('answers with classes and reasons that add up, and writes lists, states and a network', async () => {
    const run = await trained({ settings: { convolution: 'gcn' } });
    const opened = await graph.open(store, run, 'everything', quietContext);
    try {
      const question = { users: ['paper7'], count: 3, withReasons: true };
      const [{ items }] = await recommendFor(opened, question, quietContext);
      expect(items).toHaveLength(3);
      const data = store.readInteractions('graphs');
      const { fromRows, toRows } = data.edges('cites');
      const near = new Set(
        [...fromRows.keys()].flatMap((edge) =>
          fromRows[edge] === 7 ? [toRows[edge]] : toRows[edge] === 7 ? [fromRows[edge]] : [],
        ),
      );
      for (const { score, reasons } of items) {
        expect(reasons!.score).toBeCloseTo(score, 5);
        expect(reasons!.alone + told(reasons!) + reasons!.rest).toBeCloseTo(score, 5);
        // Gradients along the path leave little that is in no share.
        expect(Math.abs(reasons!.rest)).toBeLessThan(0.1);
        expect(reasons!.interactions.length).toBeGreaterThan(0);
        for (const { item } of reasons!.interactions)
          expect(near.has(data.nodes('paper').row(item))).toBe(true);
        for (const { user } of reasons!.neighbours)
          expect(near.has(data.nodes('paper').row(user))).toBe(false);
      }
      const lists = join(folder, 'classes.csv');
      expect((await recommendAll(opened, { path: lists, count: 1 }, quietContext)).rows).toBe(400);
      const states = await exportEmbeddings(opened, join(folder, 'states.csv'), quietContext);
      expect(states.rows).toBe(400);
    } finally {
      await opened.dispose();
    }
    const report = await graph.exportOnnx(store, run, join(folder, 'net.onnx'), quietContext);
    expect(report.maxRelativeDifference).toBeLessThan(1e-4);
  });

  it('ends with the same weights for the same seed, stopped on the way or not', async () => {
    const weights = (run: number) => store.loadCheckpoint(run, 'best')!.arrays.parameters;
    const settings = { epochs: 8, infomax: 0.1 };
    const first = weights(await trained({ settings }));
    expect(weights(await trained({ settings, seed: 2 }))).not.toEqual(first);
    const resumed = newRun({ settings });
    const cancel = new AbortController();
    const interrupting: TrainContext = {
      ...training,
      signal: cancel.signal,
      report: ({ done }) => done === 5 && cancel.abort(),
    };
    await expect(graph.train(store, resumed, interrupting)).rejects.toMatchObject({ code: 'cancelled' });
    await graph.train(store, resumed, training);
    expect(weights(resumed)).toEqual(first);
  });

  it('takes names as settings, which forms show as text', () => {
    expect(graph.settings.find(({ key }) => key === 'label')).toMatchObject({ kind: 'text', default: '' });
    expect(graph.parseSettings({ label: 'field' }).label).toBe('field');
    expect(() => graph.parseSettings({ label: 7 })).toThrow(/label/);
  });

  it('names the setting and what there is where the label is none', async () => {
    await expect(trained({ settings: { label: 'colour' } })).rejects.toMatchObject({
      code: 'input',
      remedy: expect.stringContaining('field'),
    });
  });
});

describe('classes of graphs', () => {
  const settings = { task: 'graphs', convolution: 'gin', epochs: 60, batchGraphs: 32, dropout: 0 };

  it('tells molecules by who is bound to whom, which counts do not tell', async () => {
    const run = await trained({ edges: 'bond', settings });
    const evaluation = await evaluateRecommender(graph, store, run, quietContext);
    const { figures, baselines } = evaluation;
    expect(evaluation.users).toBe(24);
    expect(Object.keys(baselines)).toEqual(['majority', 'logistic']);
    expect(figures.accuracy.value).toBeGreaterThan(0.7);
    expect(baselines.logistic.figures.accuracy.value).toBeLessThan(0.6);

    const opened = await graph.open(store, run, 'everything', quietContext);
    try {
      const [byAtom] = await recommendFor(
        opened,
        { users: ['atom3'], count: 3, withReasons: true },
        quietContext,
      );
      const [byName] = await recommendFor(
        opened,
        { users: ['of atom0'], count: 3, withReasons: false },
        quietContext,
      );
      expect(byAtom.items.map(({ item, score }) => [item, score])).toEqual(
        byName.items.map(({ item, score }) => [item, score]),
      );
      const [{ score, reasons }] = byAtom.items;
      expect(reasons!.alone + told(reasons!) + reasons!.rest).toBeCloseTo(score, 5);
      expect(reasons!.interactions[0].item).toMatch(/^atom\d+ – atom\d+$/);
      const lists = join(folder, 'kinds.csv');
      expect((await recommendAll(opened, { path: lists, count: 1 }, quietContext)).rows).toBe(120);
      expect(readFileSync(lists, 'utf8')).toContain('of atom0,1,');
    } finally {
      await opened.dispose();
    }
    const report = await graph.exportOnnx(store, run, join(folder, 'kinds.onnx'), quietContext);
    expect(report.maxRelativeDifference).toBeLessThan(1e-4);
  });

  it('refuses graphs whose nodes disagree, and edges between two named graphs', async () => {
    const disagreeing = trained({ edges: 'bond', settings: { ...settings, label: 'element' } });
    await expect(disagreeing).rejects.toMatchObject({ code: 'input', where: { field: 'label' } });
    const joined = trained({ edges: 'bond', settings: { ...settings, graphs: 'element' } });
    await expect(joined).rejects.toMatchObject({ code: 'input', where: { field: 'graphs' } });
  });
});

describe('edges', () => {
  it('links: ranks held-out citations above what chance gives, with reasons, for any convolution', async () => {
    const settings = { task: 'links', states: 'learned', convolution: 'gat', layers: 1, epochs: 25 };
    const run = await trained({ settings });
    const evaluation = await evaluateRecommender(graph, store, run, quietContext);
    expect(Object.keys(evaluation.baselines)).toEqual([
      ...['friendsOfFriends', 'adamicAdar', 'popularity', 'itemKnn', 'bprMf'],
    ]);
    expect(evaluation.figures.auc.low).toBeGreaterThan(0.6);
    const opened = await graph.open(store, run, 'everything', quietContext);
    try {
      const [{ items }] = await recommendFor(
        opened,
        { users: ['paper7'], count: 2, withReasons: true },
        quietContext,
      );
      for (const { score, reasons } of items)
        expect(reasons!.alone + told(reasons!) + reasons!.rest).toBeCloseTo(score, 3);
    } finally {
      await opened.dispose();
    }
    const report = await graph.exportOnnx(store, run, join(folder, 'links.onnx'), quietContext);
    expect(report.maxRelativeDifference).toBeLessThan(1e-4);
  });

  it.each([{ loss: 'crossEntropy', variational: 'yes' }, { loss: 'bpr' }, { loss: 'mse', infomax: 0.1 }])(
    'reconstruction: tells edges from pairs without one (%o)',
    async (how) => {
      const settings = { task: 'reconstruction', dropout: 0, ...how };
      const run = await trained({ settings });
      const evaluation = await evaluateRecommender(graph, store, run, quietContext);
      expect(evaluation.judgedBy).toBe('auc');
      expect(Object.keys(evaluation.baselines)).toEqual(['friendsOfFriends', 'adamicAdar', 'degrees', 'svd']);
      expect(evaluation.figures.auc.low).toBeGreaterThan(0.5);
      const [{ rows }] = evaluation.reports;
      expect(rows[0][0]).toBe('run');
      expect(rows[0][1]).toBeGreaterThan(0.7);
    },
  );
});
