import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecommendQuestion } from '../../core/api/recommenders.ts';
import type { OpenRecommender, RecommenderDefinition } from '../../core/app/model.ts';
import { embeddingMap } from '../../core/app/recommend/embeddingMap.ts';
import { InteractionReader } from '../../core/app/recommend/interactionReader.ts';
import { RecommenderReader } from '../../core/app/recommend/recommenderReader.ts';
import { quietContext, Random, type TaskContext } from '../../core/base/index.ts';
import { InteractionData } from '../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../core/project/index.ts';
import { emptyReport } from '../support/trips.ts';

const DAY_S = 86_400;
const folder = mkdtempSync(join(tmpdir(), 'etalon-recommenders-'));
const store: ProjectStore = createProject(join(folder, 'shop.etalon'));

/** Ann took all three items, Bo the first, Cy nothing; the last item has no title, the first a place. */
const data = new InteractionData(
  [
    { name: 'user', ids: ['ann', 'bo', 'cy'] },
    {
      name: 'item',
      ids: ['7', '70', '3'],
      features: {
        title: { kind: 'text', values: ['Blue lamp', 'Lamp 3', null] },
        at: {
          kind: 'coordinates',
          longitude: Float64Array.of(11.5, Number.NaN, Number.NaN),
          latitude: Float64Array.of(48.1, Number.NaN, Number.NaN),
        },
      },
    },
  ],
  [
    {
      name: 'bought',
      from: 'user',
      to: 'item',
      fromRows: Int32Array.of(0, 0, 0, 1, 0),
      toRows: Int32Array.of(0, 1, 2, 0, 0),
      timesS: Float64Array.of(0, DAY_S, 2 * DAY_S, 3 * DAY_S, 4 * DAY_S),
    },
  ],
);

beforeAll(() => store.writeInteractions('shop', data, emptyReport('shop')));
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe('users and items to choose from', () => {
  const find = (end: 'from' | 'to', text: string, limit = 10) =>
    new InteractionReader(store).nodes({ data: 'shop', edges: 'bought', end, text, limit });

  it('come with most edges first, as many as asked for', () => {
    expect(find('from', '')).toEqual({
      type: 'user',
      total: 3,
      matching: 3,
      rows: [
        { id: 'ann', title: null, edges: 4 },
        { id: 'bo', title: null, edges: 1 },
        { id: 'cy', title: null, edges: 0 },
      ],
    });
    expect(find('to', '', 1)).toMatchObject({ total: 3, matching: 3, rows: [{ id: '7', edges: 3 }] });
  });

  it('are found by identifier and title: the very one, then beginnings, then parts', () => {
    expect(find('to', '3').rows.map(({ id }) => id)).toEqual(['3', '70']);
    expect(find('to', ' LAMP ').rows.map(({ id }) => id)).toEqual(['70', '7']);
    expect(find('to', 'chair')).toMatchObject({ matching: 0, rows: [] });
  });

  it('are not there under other names', () => {
    expect(() => find('from', '')).not.toThrow();
    const reader = new InteractionReader(store);
    const wrong = { edges: 'rented', end: 'from', text: '', limit: 1 } as const;
    expect(() => reader.nodes({ data: 'shop', ...wrong })).toThrow(/no edges of type "rented"/);
    expect(() => reader.nodes({ data: 'library', ...wrong })).toThrow(/no interactions "library"/);
  });
});

describe('the summary of a type of edges', () => {
  const summary = (split: 'userTime' | 'time', test: number) =>
    new InteractionReader(store).summary({ data: 'shop', edges: 'bought', split, test }, quietContext);

  it('counts edges, pairs, nodes by degree, and edges over time', async () => {
    expect(await summary('time', 0.2)).toMatchObject({
      edges: 5,
      pairs: 4,
      from: { type: 'user', nodes: 3, active: 2, median: 4 },
      to: { type: 'item', nodes: 3, active: 3, median: 1 },
      fromDegrees: [
        { least: 0, most: 0, nodes: 1 },
        { least: 1, most: 1, nodes: 1 },
        { least: 2, most: 3, nodes: 0 },
        { least: 4, most: 7, nodes: 1 },
      ],
      overTime: { fromS: 0, stepS: 6 * 3600, edges: expect.arrayContaining([1]) },
      features: [
        { of: 'item', name: 'title', kind: 'text' },
        { of: 'item', name: 'at', kind: 'coordinates' },
      ],
    });
  });

  it('says what is held out, or why nothing can be', async () => {
    const halves = await summary('userTime', 0.5);
    // Ann's later two: the item that she buys again is known, the other is asked.
    expect(halves.heldOut).toEqual({ known: 3, test: 2, asked: 1 });
    const last = await summary('time', 0.2);
    // The only edge held out is a pair that is known.
    expect(last.heldOut).toBeNull();
    expect(last.problem).toMatch(/Nothing is left to be found.*Hold out more/);
  });
});

describe('asking a trained recommender', () => {
  const ask: RecommendQuestion = { users: ['bo'], count: 2, withReasons: false };
  const given = (more: Partial<OpenRecommender> & Pick<RecommenderDefinition, never> = {}) => {
    const calls = { opened: 0, disposed: 0, explained: 0 };
    const model = {
      id: 'fake',
      predicts: 'items',
      asks: ['text'],
      open: async () => {
        calls.opened++;
        return {
          data,
          edges: 'bought',
          scorer: (users: Int32Array) =>
            Float32Array.from({ length: 3 * users.length }, (_, i) => (i % 3) / 10),
          explain: async (user: number, item: number) => {
            calls.explained++;
            const none = { interactions: [], neighbours: [], features: [] };
            return { score: user, alone: item, rest: user - item, ...none };
          },
          dispose: async () => void calls.disposed++,
          ...more,
        };
      },
    } as unknown as RecommenderDefinition;
    const run = store.createRun({ model: 'fake', config: {} });
    store.saveCheckpoint(run.id, 'best', { epoch: 1, json: {}, arrays: {} });
    const other = store.createRun({ model: 'fake', config: {} });
    store.saveCheckpoint(other.id, 'best', { epoch: 1, json: {}, arrays: {} });
    return { reader: new RecommenderReader(store, { fake: model }), run: run.id, other: other.id, calls };
  };

  it('loads a run once for many questions, and puts it away for another', async () => {
    const { reader, run, other, calls } = given();
    const [first] = await Promise.all([
      reader.ask(run, ask, quietContext),
      reader.ask(run, ask, quietContext),
      reader.explain(run, ask, '3', quietContext),
    ]);
    expect(first[0].items.map(({ item, title }) => [item, title])).toEqual([
      ['3', null],
      ['70', 'Lamp 3'],
    ]);
    expect(calls).toEqual({ opened: 1, disposed: 0, explained: 1 });
    await reader.ask(other, ask, quietContext);
    expect(calls).toMatchObject({ opened: 2, disposed: 1 });
  });

  it('names the place of an item that has one', async () => {
    const { reader, run } = given();
    const [{ items }] = await reader.ask(run, { ...ask, users: ['cy'], count: 3 }, quietContext);
    expect(items.map(({ item, place }) => [item, place])).toEqual([
      ['3', undefined],
      ['70', undefined],
      ['7', [11.5, 48.1]],
    ]);
  });

  it('takes the reasons of an own way of answering from that answer, once for the list', async () => {
    let answered = 0;
    const none = { alone: 0, interactions: [], neighbours: [], features: [] };
    const { reader, run, calls } = given({
      answer: async ({ users: [user], withReasons }) => {
        answered++;
        const items = ['70', '3'].map((item) => ({
          item,
          title: null,
          score: 1,
          details: {},
          reasons: withReasons ? { score: Number(item), rest: Number(item), ...none } : null,
        }));
        return [{ user, items }];
      },
    });
    expect((await reader.explain(run, ask, '3', quietContext)).score).toBe(3);
    expect((await reader.explain(run, ask, '70', quietContext)).score).toBe(70);
    expect([answered, calls.explained]).toEqual([1, 0]);
    await reader.explain(run, { ...ask, text: 'lamp' }, '3', quietContext);
    expect(answered).toBe(2);
    await expect(reader.explain(run, ask, '7', quietContext)).rejects.toThrow(/no reasons for “7”/);
  });

  it('refuses what a system does not take', async () => {
    const { reader, run } = given();
    await expect(reader.ask(run, { ...ask, withinMinutes: 5 }, quietContext)).rejects.toMatchObject({
      code: 'usage',
      where: { field: 'withinMinutes' },
    });
  });
});

describe('the map of what was learned', () => {
  const PER_GROUP = 60;
  const WIDTH = 8;
  /** Users and items of three kinds, each around a direction of its own. */
  const learned = (count: number) => {
    const random = new Random(5);
    const groups = Array.from({ length: count }, (_, i) => i % 3);
    const values = Float32Array.from(
      groups.flatMap((group) =>
        Array.from({ length: WIDTH }, (_, k) => (k === group ? 3 : 0) + 0.3 * random.normal()),
      ),
    );
    return { groups, values };
  };
  const table = (name: string, count: number) => {
    const { groups, values } = learned(count);
    const ids = groups.map((_, i) => `${name}${i}`);
    const kind = {
      kind: 'categorical' as const,
      codes: Int32Array.from(groups),
      categories: ['a', 'b', 'c'],
    };
    return {
      nodes: { name, ids, features: { kind } },
      embeddings: { nodes: name, ids, width: WIDTH, values },
    };
  };
  const given = (count: number) => {
    const [users, items] = [table('user', count), table('item', count)];
    return {
      data: new InteractionData([users.nodes, items.nodes], []),
      embeddings: [users.embeddings, items.embeddings],
    };
  };

  it('keeps near what is alike, with the features to colour it by', async () => {
    const { of, types } = await embeddingMap(given(PER_GROUP), quietContext);
    expect([of, types.map(({ type, ids }) => [type, ids.length])]).toEqual([
      120,
      [
        ['user', 60],
        ['item', 60],
      ],
    ]);
    const all = types.flatMap(({ x, y, features }) =>
      x.map((px, i) => ({ x: px, y: y[i], kind: features.kind[i] })),
    );
    let [same, pairs] = [0, 0];
    for (const point of all) {
      const others = all.filter((other) => other !== point);
      others.sort(
        (a, b) => Math.hypot(a.x - point.x, a.y - point.y) - Math.hypot(b.x - point.x, b.y - point.y),
      );
      for (const other of others.slice(0, 5)) {
        pairs++;
        if (other.kind === point.kind) same++;
      }
    }
    expect(same / pairs).toBeGreaterThan(0.95);
  });

  it('is the same for the same run', async () => {
    const [first, again] = [
      await embeddingMap(given(20), quietContext),
      await embeddingMap(given(20), quietContext),
    ];
    expect(again).toEqual(first);
  });

  it('takes a sample where there are too many, and can be cancelled', async () => {
    const stop = new AbortController();
    const sizes = new Set<number | undefined>();
    const context: TaskContext = {
      signal: stop.signal,
      report: ({ stage, done, total }) => {
        if (stage === 'Comparing vectors') sizes.add(total);
        if (stage === 'Laying the map out' && done > 0) stop.abort();
      },
    };
    await expect(embeddingMap(given(2000), context)).rejects.toMatchObject({ code: 'cancelled' });
    expect([...sizes]).toEqual([3000]);
  });
});
