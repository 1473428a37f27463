import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenRecommender, RecommenderConfig, TrainContext } from '../../../core/app/model.ts';
import { evaluateRecommender } from '../../../core/app/recommend/evaluateRanking.ts';
import { recommendFor } from '../../../core/app/recommend/recommend.ts';
import { quietContext } from '../../../core/base/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { searchCorpus } from '../../../fixtures/interactions/search/index.ts';
import { socialNetwork } from '../../../fixtures/interactions/social/index.ts';
import { heldOutOf } from '../../../models/recommend/run.ts';
import { memberVectors } from '../../../models/search/batches.ts';
import { corpusOf } from '../../../models/search/corpus.ts';
import { askedOf } from '../../../models/search/evidence.ts';
import { judgedIn } from '../../../models/search/feedback.ts';
import { loadSearch } from '../../../models/search/open.ts';
import { parseSearchSettings } from '../../../models/search/settings.ts';
import { searchSystem } from '../../../models/search/system.ts';
import { search } from '../../../models/search.ts';
import { trainWithBreak } from '../../support/resumedTraining.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = {
  width: 16,
  buckets: 1024,
  epochs: 5,
  hardEpochs: 2,
  batchPairs: 128,
  learningRate: 0.03,
  offlineFrom: 11,
  offlineTo: 40,
  socialWidth: 8,
  candidates: 15,
  clusters: 8,
  pqBytes: 8,
  nprobe: 4,
};

const folder = mkdtempSync(join(tmpdir(), 'etalon-search-'));
const { data, truth } = await searchCorpus(await socialNetwork({ users: 150, days: 20 }), {
  pages: 60,
  groups: 40,
  queries: 900,
});
let store: ProjectStore;
let run: number;
let opened: OpenRecommender;
beforeAll(async () => {
  store = createProject(join(folder, 'corpus.etalon'));
  store.writeInteractions('corpus', data, emptyReport('generated'));
  run = await trained();
  opened = await search.open(store, run, 'everything', quietContext);
});
afterAll(async () => {
  await opened?.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

it('finds more with terms and vectors in one query than with either alone, and tells how', async () => {
  const { figures, baselines, reports, judgedBy } = await evaluateRecommender(
    search,
    store,
    run,
    quietContext,
  );
  const hybrid = figures[judgedBy].value;
  expect(judgedBy).toBe('recall@10');
  for (const name of ['boolean', 'booleanRanked', 'embedding', 'bm25', 'popularity'])
    expect(hybrid, name).toBeGreaterThan(baselines[name].figures[judgedBy].value);

  const [forms, parts, retrieval] = reports;
  const [, asked, ...byForm] = forms.rows[0] as number[];
  expect(byForm.reduce((a, b) => a + b)).toBe(asked);
  expect(parts.rows.map(([name]) => name)).toContain('Cascade: the first retrieves, the second ranks');
  const found = Object.fromEntries(retrieval.rows.map(([way, share]) => [way, share as number]));
  expect(found.hybrid).toBeGreaterThanOrEqual(Math.max(found.terms, found.near));
  expect(found.hybrid).toBeGreaterThan(found.terms);
});

it('knows who asks a held-out query, and nothing of what they click', async () => {
  const { prepared } = await loadSearch(store, run, 'known', quietContext);
  const { test, known } = heldOutOf(searchSystem, store, configOf({}), parseSearchSettings(SETTINGS));
  const { searchers } = prepared.inputs.corpus;
  for (const query of test!.users) {
    expect(searchers[query]).toBe(truth.queries[query].searcher);
    expect(known.edges('clicked').fromRows).not.toContain(query);
    expect(known.edges('shown').fromRows).not.toContain(query);
  }
});

it('fits the rankers that figures alone need when it is judged, not when it is opened', async () => {
  const { engine, prepared } = await loadSearch(store, run, 'everything', quietContext);
  const asked = askedOf(prepared.inputs.corpus, 0);
  expect(engine.search(asked, engine.vectorOf(0)).documents.length).toBeGreaterThan(0);
  expect(() => engine.search(asked, engine.vectorOf(0), 'hybrid', 'withoutCosine')).toThrow(/withoutCosine/);
});

it('ends with the same weights for the same seed, stopped on the way or not', async () => {
  const weights = (id: number) => store.loadCheckpoint(id, 'best')!.arrays.parameters;
  const resumed = newRun({});
  await trainWithBreak(
    search,
    store,
    resumed,
    training,
    ({ stage, done }) => stage.startsWith('Training') && done === 17,
  );
  expect(weights(resumed)).toEqual(weights(run));
});

it('answers a searcher in words, best first, with reasons that add up to the cosine', async () => {
  const searcher = 5;
  const friend = [...truth.ties.friends[searcher]][0];
  const user = data.nodes('document').ids[searcher];
  const name = truth.documents.names[friend]
    .map(([word]) => word)
    .join(' ')
    .toLowerCase();
  const [{ items }] = await recommendFor(
    opened,
    { users: [user], text: name, count: 5, withReasons: true },
    quietContext,
  );
  expect(items.map(({ title }) => title!.toLowerCase())).toContain(name);
  expect(items.map(({ score }) => score)).toEqual(items.map(({ score }) => score).sort((a, b) => b - a));
  for (const { details, reasons } of items) {
    const { alone, rest, interactions, neighbours, features, score } = reasons!;
    const shares = [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, 0);
    expect(alone + shares + rest).toBeCloseTo(score, 5);
    expect(details.cosine as number).toBeCloseTo(score, 4);
    expect(features.some((feature) => feature.name.startsWith('query: '))).toBe(true);
    const friends = new Set([...truth.ties.friends[searcher], ...truth.ties.joined[searcher]]);
    for (const { item } of interactions) expect(friends).toContain(data.nodes('document').rowOf(item)!);
  }
});

it('answers queries of the data as it answers their words', async () => {
  const query = 17;
  const { text, searcher } = truth.queries[query];
  const id = data.nodes('query').ids[query];
  const [asked] = await recommendFor(opened, { users: [id], count: 5, withReasons: false }, quietContext);
  const user = data.nodes('document').ids[searcher];
  const [told] = await recommendFor(
    opened,
    { users: [user], text, count: 5, withReasons: false },
    quietContext,
  );
  expect(told.items.map(({ item }) => item)).toEqual(asked.items.map(({ item }) => item));
  const [byQuery] = await recommendFor(
    opened,
    { users: [id], text, count: 5, withReasons: false },
    quietContext,
  );
  expect(byQuery.items).toEqual(told.items);
});

it('takes a place to ask from, and no place without words', async () => {
  const user = data.nodes('document').ids[3];
  const ask = (question: object) =>
    recommendFor(opened, { users: [user], count: 5, withReasons: false, ...question }, quietContext);
  const { longitude, latitude } = truth.documents;
  const [[here], [there]] = await Promise.all(
    [3, 90].map((row) => ask({ text: 'club', place: [longitude[row], latitude[row]] })),
  );
  expect(here.items[0].details['km away']).not.toBe(there.items[0].details['km away']);
  await expect(ask({ place: [10, 50] })).rejects.toMatchObject({ code: 'usage', where: { field: 'text' } });
  await expect(ask({ users: ['nobody'], text: 'club' })).rejects.toMatchObject({ code: 'not-found' });
});

it('learns the ranker anew from what people judged, and shows what that gains', async () => {
  const said = judgements(150);
  store.writeInteractions('corpus judged', said, emptyReport('judged'));
  try {
    const { reports } = await evaluateRecommender(search, store, run, quietContext);
    const [clicks, all] = reports.find(({ title }) => title === 'Judged results')!.rows;
    // Fewer than 150: some were said twice, or are of searches of the test.
    expect(all[1]).toBeGreaterThan(140);
    expect(all[1]).toBeLessThanOrEqual(150);
    expect(all[2]).not.toBe(clicks[2]);
  } finally {
    const { sources } = store.info();
    store.removeSource(
      sources.find(({ kind }, i) => kind === 'interactions' && i === sources.length - 1)!.id,
    );
  }
});

it('leaves out what was judged of searches that nobody could have made', () => {
  const corpus = corpusOf(data, 'clicked');
  const said = judgedIn(judgements(20), data, corpus);
  expect(said.reduce((sum, { relevant }) => sum + relevant.size, 0)).toBe(20);
  expect(said.every(({ asked }) => asked.searcher >= 0 && asked.place !== null)).toBe(true);
  const { ids } = data.nodes('document');
  const without = data.filterNodes('document', (row) => row > 40);
  const less = judgedIn(judgements(20), without, corpusOf(without, 'clicked'));
  const left = truth.queries.slice(0, 20).filter(({ searcher, target }) => searcher > 40 && target > 40);
  expect(less.reduce((sum, { relevant }) => sum + relevant.size, 0)).toBe(left.length);
  expect(ids.length).toBeGreaterThan(without.nodes('document').count);
  const unsaid = new InteractionData(
    [
      { name: 'text', ids: ['a'] },
      { name: 'document', ids: ['b'] },
    ],
    [{ name: 'said', from: 'text', to: 'document', fromRows: Int32Array.of(0), toRows: Int32Array.of(0) }],
  );
  expect(() => judgedIn(unsaid, data, corpus)).toThrow('do not say which results are relevant');
});

/** What the first searchers meant, as they would say it, in a data set as it is imported. */
function judgements(count: number): InteractionData {
  const said = truth.queries.slice(0, count);
  const documents = data.nodes('document').ids;
  const texts = [...new Set(said.map(({ text }) => text))];
  const named = said.map(({ searcher }) => documents[searcher]);
  return new InteractionData(
    [
      { name: 'text', ids: texts },
      { name: 'document', ids: documents },
    ],
    [
      {
        name: 'said',
        from: 'text',
        to: 'document',
        fromRows: Int32Array.from(said, ({ text }) => texts.indexOf(text)),
        toRows: Int32Array.from(said, ({ target }) => target),
        features: {
          searcher: { kind: 'text', values: named },
          relevant: { kind: 'numeric', values: new Float64Array(count).fill(1) },
        },
      },
    ],
  );
}

it('members of the ensemble are parts of an embedding of length 1', () => {
  const settings = parseSearchSettings(SETTINGS);
  const [, { values, width, ids }] = opened.embeddings;
  expect(width).toBe(2 * SETTINGS.width);
  for (const rows of [
    values,
    memberVectors(values, 'random', settings),
    memberVectors(values, 'hard', settings),
  ]) {
    const w = rows.length / ids.length;
    for (let row = 0; row < ids.length; row += 37) {
      const norm = Math.hypot(...rows.subarray(row * w, (row + 1) * w));
      expect(norm).toBeCloseTo(1, 4);
    }
  }
});

it('says what it needs', async () => {
  const bare = createProject(join(folder, 'bare.etalon'));
  try {
    const clicked = data.edges('clicked');
    const nodes = (name: string) => ({ name, ids: data.nodes(name).ids });
    bare.writeInteractions(
      'corpus',
      new InteractionData([nodes('query'), nodes('document')], [clicked]),
      emptyReport('generated'),
    );
    const { id } = bare.createRun({ model: 'search', config: configOf({}) });
    await expect(search.train(bare, id, training)).rejects.toMatchObject({
      code: 'input',
      where: { field: 'query' },
    });
  } finally {
    bare.close();
  }
});

const training: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };

function configOf(settings: object): RecommenderConfig {
  return {
    seed: 1,
    settings: { ...SETTINGS, ...settings },
    interactions: {
      data: 'corpus',
      edges: 'clicked',
      holdOut: { way: 'time', test: 0.2, validation: 0, seed: 1 },
    },
  };
}

function newRun(settings: object): number {
  return store.createRun({ model: 'search', config: configOf(settings) }).id;
}

async function trained(settings = {}): Promise<number> {
  const id = newRun(settings);
  await search.train(store, id, training);
  return id;
}
