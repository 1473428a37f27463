import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecommendQuestion } from '../../../core/api/recommenders.ts';
import type {
  OpenRecommender,
  RecommenderConfig,
  TrainContext,
  TravelTimes,
} from '../../../core/app/model.ts';
import { Predictor } from '../../../core/app/predictor.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { exportEmbeddings, recommendAll, recommendFor } from '../../../core/app/recommend/recommend.ts';
import { ProjectTravelTimes } from '../../../core/app/recommend/travelTimes.ts';
import { quietContext } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import {
  edgeQuestions,
  evaluateRanking,
  holdOut,
  InteractionData,
  popularity,
  type Scorer,
} from '../../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { distanceM, freeFlowS, RoadPlaces } from '../../../core/roads/index.ts';
import { generateCity } from '../../../fixtures/index.ts';
import { COLD_START, foodCity } from '../../../fixtures/interactions/food/index.ts';
import { loadCity, loadFood } from '../../../models/food/load.ts';
import { askedBy, questionScorer } from '../../../models/food/ranker.ts';
import { food } from '../../../models/food.ts';
import { plainArrivals } from '../../support/plainDijkstra.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = { width: 16, textBuckets: 64, epochs: 3, learningRate: 0.03, batchPairs: 512, fanout: 10 };
const SIZES = { users: 150, restaurants: 40, orders: 3000, days: 60 };

const folder = mkdtempSync(join(tmpdir(), 'etalon-food-'));
const network = await generateCity();
const { data } = await foodCity(network, SIZES);
const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };
let store: ProjectStore;
let trained: number;
let opened: OpenRecommender;
beforeAll(async () => {
  store = createProject(join(folder, 'food.etalon'));
  store.writeRoads(network, emptyReport('roads'));
  store.writeInteractions('food', data, emptyReport('generated'));
  trained = newRun();
  await food.train(store, trained, training);
  opened = await food.open(store, trained, 'everything', quietContext);
});
afterAll(async () => {
  await opened?.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

function newRun(): number {
  const holdOut = { way: 'time', test: 0.2, validation: 0, seed: 1 } as const;
  const interactions = { data: 'food', edges: 'ordered', holdOut };
  const config: RecommenderConfig = { seed: 1, settings: SETTINGS, interactions };
  return store.createRun({ model: 'food', config }).id;
}

const question: RecommendQuestion = {
  users: ['user3'],
  count: 8,
  withReasons: false,
  at: '2025-05-16T19:00',
};
const travel = () => new ProjectTravelTimes(store, {}, new Predictor(store, {}));
const ask = async (more: Partial<RecommendQuestion> = {}, by: TravelTimes = travel()) => {
  const [{ items }] = await recommendFor(opened, { ...question, ...more }, quietContext, by);
  return items;
};

it('is ahead of what is popular, and its similarity helps the ranker, beside every baseline', async () => {
  const judged = await evaluateRecommender(food, store, trained, quietContext);
  const { figures, baselines, reports, judgedBy, users } = judged;
  expect(Object.keys(baselines).sort()).toEqual(
    [...Object.keys(food.baselines!), 'popularity', 'itemKnn', 'bprMf'].sort(),
  );
  expect(judgedBy).toBe('mrr');
  expect(users).toBe(600);
  for (const name of ['popularity', 'nearest', 'itemKnn'])
    expect(figures.mrr.value, name).toBeGreaterThan(1.2 * baselines[name].figures.mrr.value);
  const aucs = Object.fromEntries(reports[0].rows.map(([name, auc]) => [name, auc as number]));
  expect(aucs['Ranker of context and similarity']).toBeGreaterThan(
    aucs['Ranker of the context alone'] + 0.03,
  );
  const [[, near], [, found]] = reports[1].rows as [string, number][];
  expect(near).toBeGreaterThan(0.95);
  expect(found).toBeLessThanOrEqual(near);
  const [[, before, other], [, after, otherAfter]] = reports[2].rows as [string, number, number][];
  expect(after - otherAfter).toBeGreaterThan(before - other + 0.1);
  const shown = reports[3].rows.map(([, kind]) => kind);
  expect(shown[0]).toBe('user');
  expect(shown.filter((kind) => kind === 'ordered')).toHaveLength(15);
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const weights = (run: number) => store.loadCheckpoint(run, 'best')!.arrays.parameters;
  const resumed = newRun();
  const cancel = new AbortController();
  const interrupting: TrainContext = {
    ...training,
    signal: cancel.signal,
    report: ({ stage, done }) => stage.startsWith('Training') && done === 8 && cancel.abort(),
  };
  await expect(food.train(store, resumed, interrupting)).rejects.toMatchObject({ code: 'cancelled' });
  await food.train(store, resumed, training);
  expect(weights(resumed)).toEqual(weights(trained));
});

describe('delivery minutes', () => {
  it('without a trained run are those of the quickest drive at the limits', async () => {
    const items = await ask();
    const placeOf = (id: string) => data.nodes('restaurant').rowOf(id)!;
    for (const { details } of items) {
      expect(details['minutes by']).toBe('free flow');
      const restaurant = placeOf(details.restaurant as string);
      expect(details.minutes).toBeCloseTo(plainMinutes(restaurant, 3), 3);
    }
  });

  it('are those of the way that is drawn for an item, from its place to the one asked from', async () => {
    const [answer] = await recommendFor(opened, question, quietContext, travel());
    expect(answer.asked!.at).toBe(question.at);
    const to = answer.asked!.place!;
    for (const { place: from, details } of answer.items) {
      const way = (await travel().way({ from: from!, to, at: question.at! }))!;
      expect(way.by).toBe(details['minutes by']);
      expect(way.minutes).toBeCloseTo(details.minutes as number, 6);
      expect(distanceM(...way.line[0], ...from!)).toBeLessThan(200);
      expect(distanceM(...way.line.at(-1)!, ...to)).toBeLessThan(200);
    }
    expect(await travel().way({ from: [0, 0], to, at: question.at! })).toBeNull();
  });

  it('leave out what is too far, and weigh taste against the way', async () => {
    const free = await ask({ count: 400 });
    const far = Math.max(...free.map(({ details }) => details.minutes as number));
    const near = await ask({ count: 400, withinMinutes: far / 2 });
    expect(near.length).toBeGreaterThan(0);
    for (const { details } of near) expect(details.minutes).toBeLessThanOrEqual(far / 2);
    const weighed = await ask({ tasteOfTenMinutes: 2 });
    const mean = (items: typeof free) =>
      items.reduce((sum, { details }) => sum + (details.minutes as number), 0) / items.length;
    expect(mean(weighed)).toBeLessThan(mean(free.slice(0, weighed.length)));
    for (const { score, details } of weighed)
      expect(score).toBeCloseTo((details.taste as number) - (2 * (details.minutes as number)) / 10, 9);
    expect(weighed.map(({ score }) => score)).toEqual(
      weighed.map(({ score }) => score).sort((a, b) => b - a),
    );
    expect(free[0].score).toBe(1);
  });

  it('take the newest finished run that predicts travel times, at the moment asked about', async () => {
    const run = store.createRun({ model: 'eta', config: {}, name: 'morning' });
    store.updateRun(run.id, { status: 'finished' });
    store.saveCheckpoint(run.id, 'best', { epoch: 1, json: {}, arrays: {} });
    const asked: number[] = [];
    const eta = {
      id: 'eta',
      predicts: 'travelTimes',
      open: async () => ({
        route: () => {},
        costs: async (fromS: number) => {
          asked.push(fromS);
          return {
            fastestKmh: 100,
            traversalS: (segment: number) => 3 * freeFlowS(network, segment),
            turnS: () => 0,
          };
        },
        dispose: async () => {},
      }),
    };
    const models = { eta } as unknown as ConstructorParameters<typeof Predictor>[1];
    const slow = await ask({}, new ProjectTravelTimes(store, models, new Predictor(store, models)));
    const usual = new Map(
      (await ask({ count: 400 })).map(({ item, details }) => [item, details.minutes as number]),
    );
    for (const { item, details } of slow) {
      expect(details['minutes by']).toBe('run morning');
      expect(details.minutes).toBeCloseTo(3 * usual.get(item)!, 3);
    }
    expect(asked).toEqual([Date.parse('2025-05-16T19:00Z') / 1000]);
  });

  it('are straight distances at a named speed where there are no roads', async () => {
    const away: [number, number] = [0, 0];
    const [first] = await ask({}, { minutesTo: async () => null, way: async () => null });
    expect(first.details['minutes by']).toBe('straight distance at 20 km/h');
    expect(first.details.minutes).toBeCloseTo((first.details['km away'] as number) * 3, 9);
    expect(await ask({ place: away })).toEqual([]);
  });
});

it('asked from another place it answers with what is near that place', async () => {
  const { place } = data.nodes('restaurant').features;
  if (place.kind !== 'coordinates') throw new Error('no places');
  const [there] = await ask({ place: [place.longitude[7], place.latitude[7]], withinMinutes: 0.2 });
  expect(there.details.minutes).toBeLessThanOrEqual(0.2);
  expect(there.place![0]).toBeCloseTo(place.longitude[7], 1);
  await expect(ask({ users: ['nobody'] })).rejects.toMatchObject({ code: 'not-found' });
});

it('gives reasons that add up to the similarity, through what the user ordered', async () => {
  const [{ reasons, details }] = await ask({ count: 1, withReasons: true });
  const { alone, rest, interactions, neighbours, features, score } = reasons!;
  const shares = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
  expect(alone + shares + rest).toBeCloseTo(score, 4);
  expect(details.similarity).toBeCloseTo(score, 4);
  const { fromRows, toRows } = data.edges('ordered');
  const had = new Set([...toRows].filter((_, order) => fromRows[order] === 3));
  expect(interactions.length).toBeGreaterThan(0);
  for (const { item } of interactions) expect(had).toContain(data.nodes('dish').row(item));
});

it('answers in a city that it was not trained on, and better than what is popular there', async () => {
  const cold = await foodCity(network, { ...COLD_START, users: 80, restaurants: 30, orders: 400 });
  store.writeInteractions('cold', cold.data, emptyReport('generated'));
  const [answer] = await recommendFor(
    opened,
    { ...question, users: ['cold:user5'], count: 3 },
    quietContext,
    travel(),
  );
  expect(answer.items).toHaveLength(3);
  for (const { item, details } of answer.items) {
    expect(cold.data.nodes('dish').rowOf(item)).toBeDefined();
    expect(details['minutes by']).toBe('free flow');
  }
  await expect(ask({ users: ['cold:nobody'] })).rejects.toMatchObject({ code: 'not-found' });

  const how = { way: 'time', test: 0.3, validation: 0, seed: 1 } as const;
  const { known, heldOut } = holdOut(cold.data, 'ordered', how);
  const device = await openDevice('cpu');
  const { city } = await loadCity(store, trained, known, device, quietContext);
  await device.dispose();
  const { ranker, options } = await loadFood(store, trained, 'known', quietContext);
  const { task, scorer } = edgeQuestions(known, heldOut.test);
  const mrr = async (of: Scorer) => (await evaluateRanking(of, task, { ks: [10] })).figures.mrr.value;
  const ranked = questionScorer(city, ranker, askedBy(city, heldOut.test), options);
  expect(await mrr(ranked)).toBeGreaterThan(1.1 * (await mrr(scorer(popularity(known, 'ordered')))));
});

it('recommends to everyone and writes states and an ONNX file', async () => {
  const lists = await recommendAll(opened, { path: join(folder, 'all.csv'), count: 3 }, quietContext);
  expect(lists.rows).toBe(3 * SIZES.users);
  const written = await exportEmbeddings(opened, join(folder, 'states.csv'), quietContext);
  expect(written.rows).toBe(SIZES.users + data.nodes('dish').count);
  expect(readFileSync(join(folder, 'states.csv'), 'utf8')).toContain('dish,dish7,');
  const report = await food.exportOnnx(store, trained, join(folder, 'food.onnx'), quietContext);
  expect(report.maxRelativeDifference).toBeLessThan(1e-4);
});

it('names what is missing', async () => {
  const without = new InteractionData(
    [data.nodes('user')],
    [{ name: 'ordered', from: 'user', to: 'user', fromRows: Int32Array.of(0), toRows: Int32Array.of(1) }],
  );
  const { foodGraph } = await import('../../../models/food/graph.ts');
  const { parseFoodSettings } = await import('../../../models/food/settings.ts');
  expect(() => foodGraph(without, 'ordered', parseFoodSettings({}))).toThrow('join users with each other');
});

/** Minutes from a restaurant to a user's home by a search that shares no code with the router. */
function plainMinutes(restaurant: number, user: number): number {
  const pointOf = (type: string, feature: string, row: number): [number, number] => {
    const column = data.nodes(type).features[feature];
    if (column.kind !== 'coordinates') throw new Error('no place');
    return [column.longitude[row], column.latitude[row]];
  };
  const [from, to] = [pointOf('restaurant', 'place', restaurant), pointOf('user', 'home', user)].map(
    (point) => snapped(point),
  );
  const costs = { traversalS: (segment: number) => freeFlowS(network, segment), turnS: () => 0 };
  return plainArrivals(network, from, [to], 0, costs)[0] / 60;
}

const places = new RoadPlaces(network);
function snapped(point: [number, number]) {
  return places.near(point, 'place').places;
}
