import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenRecommender, RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext, Random } from '../../../core/base/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { walkthrough } from '../../../models/walkthrough.ts';
import { interactionsOf } from '../../support/interactions.ts';
import { trainWithBreak } from '../../support/resumedTraining.ts';
import { emptyReport } from '../../support/trips.ts';

const TASTES = 3;
const [USERS, ITEMS] = [60, 45];
const SETTINGS = { width: 8, epochs: 12, learningRate: 0.05, features: 'no' };

const folder = mkdtempSync(join(tmpdir(), 'etalon-walkthrough-'));
let store: ProjectStore;
beforeAll(() => {
  store = createProject(join(folder, 'tastes.etalon'));
  store.writeInteractions('tastes', tastes(), emptyReport('generated'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

it('finds who likes what, far above popularity', async () => {
  const run = await trained();
  const { figures, baselines } = await evaluateRecommender(walkthrough, store, run, quietContext);
  expect(figures['ndcg@10'].value).toBeGreaterThan(1.5 * baselines.popularity.figures['ndcg@10'].value);
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const weights = (run: number) => store.loadCheckpoint(run, 'best')!.arrays.parameters;
  const [first, again, other] = [await trained(), await trained(), await trained({ seed: 2 })];
  expect(weights(again)).toEqual(weights(first));
  expect(weights(other)).not.toEqual(weights(first));

  const resumed = newRun({});
  await trainWithBreak(walkthrough, store, resumed, training, ({ done }) => done === 5);
  expect(weights(resumed)).toEqual(weights(first));
});

it('recommends nothing that is known, with reasons that add up to the score', async () => {
  await opened(await trained(), async (recommender) => {
    const [{ items }] = await recommendFor(
      recommender,
      { users: ['u4'], count: 5, withReasons: true },
      quietContext,
    );
    const { fromRows, toRows } = recommender.data.edges('took');
    const taken = new Set([...toRows].filter((_, edge) => fromRows[edge] === 4).map((item) => `i${item}`));
    for (const { item, score, reasons } of items) {
      expect(taken).not.toContain(item);
      const { alone, rest, interactions, neighbours } = reasons!;
      expect(interactions.every((reason) => taken.has(reason.item))).toBe(true);
      const told = [...interactions, ...neighbours].reduce((sum, { share }) => sum + share, 0);
      expect(alone + told + rest).toBeCloseTo(score, 5);
    }
  });
});

it('recommends to users who came after training what those of their taste take', async () => {
  const run = await trained();
  const later = createProject(join(folder, 'later.etalon'));
  try {
    const before = tastes();
    const edges = before.edges('took');
    const taste = 1;
    const took = [0, 1, 2, 3, 4].map((k) => k * TASTES + taste);
    const ids = [...before.nodes('user').ids, 'new'];
    const data = new InteractionData(
      [{ name: 'user', ids }, before.nodes('item')],
      [
        {
          ...edges,
          fromRows: Int32Array.from([...edges.fromRows, ...took.map(() => USERS)]),
          toRows: Int32Array.from([...edges.toRows, ...took]),
          timesS: Float64Array.from([...edges.timesS!, ...took.map(() => 1e6)]),
        },
      ],
    );
    later.writeInteractions('tastes', data, emptyReport('generated'));
    const { config } = store.run(run);
    const { id } = later.createRun({ model: 'walkthrough', config });
    later.saveCheckpoint(id, 'best', store.loadCheckpoint(run, 'best')!);
    const recommender = await walkthrough.open(later, id, 'everything', quietContext);
    const lists = await recommendFor(
      recommender,
      { users: ['new'], count: 5, withReasons: false },
      quietContext,
    );
    await recommender.dispose();
    const tasteOf = (item: string) => Number(item.slice(1)) % TASTES;
    expect(lists[0].items.filter(({ item }) => tasteOf(item) === taste).length).toBeGreaterThanOrEqual(4);
  } finally {
    later.close();
  }
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };

function newRun({ seed = 1 }: { seed?: number }): number {
  const config: RecommenderConfig = {
    seed,
    settings: SETTINGS,
    interactions: {
      data: 'tastes',
      edges: 'took',
      holdOut: { way: 'userTime', test: 0.2, validation: 0, seed: 1 },
    },
  };
  return store.createRun({ model: 'walkthrough', config }).id;
}

async function trained(how: { seed?: number } = {}): Promise<number> {
  const run = newRun(how);
  await walkthrough.train(store, run, training);
  return run;
}

async function opened(run: number, use: (recommender: OpenRecommender) => Promise<void>): Promise<void> {
  const recommender = await walkthrough.open(store, run, 'everything', quietContext);
  await use(recommender).finally(() => recommender.dispose());
}

/** User u and item i are of the tastes u mod 3 and i mod 3; most of what one takes is of the own taste. */
function tastes(): InteractionData {
  const random = new Random(5);
  const edges = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) => ({ user, item, timeS: 1 + random.int(100_000) })).filter(
      ({ item }) => random.uniform() < (item % TASTES === user % TASTES ? 0.6 : 0.03),
    ),
  ).flat();
  return interactionsOf(USERS, ITEMS, edges);
}
