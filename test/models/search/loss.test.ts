import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../../core/device/index.ts';
import { searchCorpus } from '../../../fixtures/interactions/search/index.ts';
import { socialNetwork } from '../../../fixtures/interactions/social/index.ts';
import { memberVectors } from '../../../models/search/batches.ts';
import { corpusOf } from '../../../models/search/corpus.ts';
import { FORMS, formOf } from '../../../models/search/forms.ts';
import { parseSearchSettings } from '../../../models/search/settings.ts';
import { searchSystem as system } from '../../../models/search/system.ts';
import { foundByWords } from '../../../models/search/terms.ts';

const { data, truth } = await searchCorpus(await socialNetwork({ users: 80, days: 10 }), {
  pages: 30,
  groups: 20,
  queries: 300,
});
const settings = parseSearchSettings({
  width: 8,
  buckets: 256,
  socialWidth: 4,
  batchPairs: 40,
  easyToHard: 30,
  onlineHard: 2,
  hardEpochs: 1,
  offlineFrom: 3,
  offlineTo: 12,
  hardPositives: 2,
});
const prepared = system.prepare(data, 'clicked', settings);
const network = system.network(prepared, settings);
const parameters = network.layout.initialise(new Random(3));
let device: Device;
let users: Float32Array;
let items: Float32Array;
beforeAll(async () => {
  device = await openDevice('cpu');
  const forward = await device.compile(network.forward);
  ({ users, items } = await forward.run({ ...prepared.feed, parameters }));
});
afterAll(() => device.dispose());

test.each([0, 1])('losses are means over the triplets of each click, epoch %i', async (epoch) => {
  const [batch] = system.batches!(prepared, settings, { seed: 1, epoch, outputs: { users, items } });
  const executable = await device.compile(network.loss);
  const parts = await executable.run({ ...prepared.feed, ...batch, parameters });
  const queries = queriesOf(batch);
  const [random, hard] = (['random', 'hard'] as const).map((member) =>
    plainLoss(batch, queries, member, epoch),
  );
  expect(parts.random[0]).toBeCloseTo(random, 5);
  expect(parts.hard[0]).toBeCloseTo(hard, 5);
  expect(parts.loss[0]).toBeCloseTo(random + hard + parts.ties[0], 4);
});

it('mines documents of the ranks asked for, none of them clicked', () => {
  const [batch] = system.batches!(prepared, settings, { seed: 1, epoch: 0, outputs: { users, items } });
  const queries = queriesOf(batch);
  const d = rowsOf(memberVectors(items, 'hard', settings));
  const q = rowsOf(memberVectors(users, 'hard', settings));
  expect([...batch.offlineKnown].every((known) => known === 1)).toBe(true);
  queries.forEach((query, i) => {
    const mined = batch.documents[batch.offline[i]];
    const score = inner(q[query], d[mined]);
    const before = d.filter((row) => inner(q[query], row) > score + 1e-6).length;
    expect(before).toBeGreaterThanOrEqual(settings.offlineFrom - 1);
    expect(before).toBeLessThan(settings.offlineTo);
    expect(mined).not.toBe(batch.clickedId[i]);
  });
});

it('clicks on what the words would not have found weigh more', () => {
  const found = foundByWords(corpusOf(data, 'clicked'));
  const names = data.nodes('document').features.name;
  if (names.kind !== 'text') throw new Error('no names');
  const [batch] = system.batches!(prepared, settings, { seed: 1, epoch: 0 });
  queriesOf(batch).forEach((query, i) => {
    const form = formOf(truth.queries[query].text, names.values[batch.clickedId[i]]!);
    if (form === 'exact' || form === 'part') expect(batch.weight[i]).toBe(1);
    expect(batch.weight[i]).toBe(found(query, batch.clickedId[i]) ? 1 : 3);
  });
});

it('tells the form of a query from what was clicked nearly as it was drawn', () => {
  expect(formOf('Greta Meier', 'Greta Meier')).toBe('exact');
  expect(formOf('meier', 'Greta Meier')).toBe('part');
  expect(formOf('grets meier', 'Greta Meier')).toBe('slip');
  expect(formOf('grete maierhof', 'Greta Meier')).toBe('other words');
  const drawn = { exact: 'exact', partial: 'part', misspelt: 'slip', variant: 'other words' } as const;
  const names = truth.documents.names.map((words) => words.map(([word]) => word).join(' '));
  const right = truth.queries.filter(({ text, target, form }) => formOf(text, names[target]) === drawn[form]);
  expect(right.length / truth.queries.length).toBeGreaterThan(0.8);
  expect(new Set(truth.queries.map(({ text, target }) => formOf(text, names[target]))).size).toBe(
    FORMS.length,
  );
});

/** The queries of a batch, found by their text and searcher. */
function queriesOf(batch: Feed): number[] {
  const clicked = data.edges('clicked');
  const bags = prepared.inputs.queryBags;
  return Array.from(batch.clickedId, (document, i) => {
    const own = Array.from(
      batch['query.tokens'].filter((_: number, t: number) => batch['query.bags'][t] === i),
    );
    const edge = clicked.where(
      (at) =>
        clicked.toRows[at] === document &&
        String(own) ===
          String([
            ...bags.tokens.subarray(
              bags.offsets[clicked.fromRows[at]],
              bags.offsets[clicked.fromRows[at] + 1],
            ),
          ]) &&
        truth.queries[clicked.fromRows[at]].searcher === batch.searchers[i],
    );
    return clicked.fromRows[edge[0]];
  });
}

function rowsOf(values: Float32Array): number[][] {
  return Array.from({ length: values.length / settings.width }, (_, row) => [
    ...values.subarray(row * settings.width, (row + 1) * settings.width),
  ]);
}

const inner = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);

/** max(0, s⁻ − s⁺ + m) over easy, online and offline negatives, a mean for each click, weighed. */
function plainLoss(
  batch: Feed,
  queries: readonly number[],
  member: 'random' | 'hard',
  epoch: number,
): number {
  const q = rowsOf(memberVectors(users, member, settings));
  const d = rowsOf(memberVectors(items, member, settings));
  const { margin, easyToHard, hardEpochs } = settings;
  let total = 0;
  let weights = 0;
  queries.forEach((query, i) => {
    const score = (document: number) => inner(q[query], d[document]);
    const clicked = batch.clickedId[i];
    const hinge = (document: number) => Math.max(0, score(document) - score(clicked) + margin);
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    const easy = mean([...batch.poolId].filter((document) => document !== clicked).map(hinge));
    const others = [...new Set(batch.clickedId)].filter((document) => document !== clicked);
    const online = others.sort((a, b) => score(b) - score(a)).slice(0, 2);
    const hard = mean([...online, batch.documents[batch.offline[i]]].map(hinge));
    const mixed = epoch < hardEpochs ? 0 : easyToHard;
    const loss = member === 'random' ? easy : (mixed * easy + hard) / (mixed + 1);
    total += batch.weight[i] * loss;
    weights += batch.weight[i];
  });
  return total / weights;
}
