/**
 * Search on its sample, beside its parts alone:
 *   npm run bench:search [-- --seeds 1,2,3] [--small] [--set key=value …]
 *   npm run bench:search -- --ablation [--small]        each part left out, one after the other
 *   npm run bench:search -- --curves [--small]          each member by itself: recall on validation and losses, epoch by epoch
 *   npm run bench:search -- --feedback [--small]        a rater, who knows what was meant, judges results; the ranker learns from it
 * Exit code 1 where hybrid retrieval is not ahead of terms alone and of the embedding alone, or mined negatives are less than 5 % ahead in recall@10.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoredRanking } from '../../core/api/recommenders.ts';
import type { RecommenderConfig } from '../../core/app/model.ts';
import { quietContext } from '../../core/base/index.ts';
import { InteractionData } from '../../core/interactions/index.ts';
import { createProject } from '../../core/project/index.ts';
import { searchCorpus } from '../../fixtures/interactions/search/index.ts';
import { socialNetwork } from '../../fixtures/interactions/social/index.ts';
import { askedOf } from '../../models/search/evidence.ts';
import { judgedName } from '../../models/search/feedback.ts';
import { loadSearch } from '../../models/search/open.ts';
import { search } from '../../models/search.ts';
import { emptyReport } from '../support/trips.ts';

const SMALL = { users: 800, pages: 300, groups: 240, queries: 4500 };
const RECALL = 'recall@10';
/** Searches whose results the rater looks at, and how many of each. */
const [RATED, LOOKED_AT] = [400, 10];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    small: { type: 'boolean', default: false },
    ablation: { type: 'boolean', default: false },
    feedback: { type: 'boolean', default: false },
    curves: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const sizes = values.small ? SMALL : {};
const { data, truth } = await searchCorpus(
  await socialNetwork({ users: values.small ? SMALL.users : 2500 }),
  sizes,
);
const folder = mkdtempSync(join(tmpdir(), 'etalon-bench-search-'));
const store = createProject(join(folder, 'corpus.etalon'));
store.writeInteractions('corpus', data, emptyReport('sample'));
let holds = true;

try {
  if (values.ablation) await ablation();
  else if (values.feedback) await feedback();
  else if (values.curves) await curves();
  else for (const seed of values.seeds.split(',').map(Number)) await whole(seed);
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
process.exit(holds ? 0 : 1);

async function trained(seed: number, settings: object): Promise<{ run: number; seconds: number }> {
  const config: RecommenderConfig = {
    seed,
    settings: { ...given, ...settings },
    interactions: {
      data: 'corpus',
      edges: 'clicked',
      holdOut: { way: 'time', test: 0.2, validation: 0, seed: 1 },
    },
  };
  const { id } = store.createRun({ model: 'search', config });
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await search.train(store, id, { ...quietContext, device: 'cpu', stop: new AbortController().signal });
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  console.log(
    `  trained in ${((performance.now() - wall) / 1000).toFixed(0)} s, ${seconds.toFixed(0)} s of processor time`,
  );
  return { run: id, seconds };
}

async function whole(seed: number): Promise<void> {
  console.log(`seed ${seed}`);
  const { run } = await trained(seed, {});
  const judged = (await search.evaluate!(store, run, quietContext))!;
  for (const report of judged.reports) print(report);
  const hybrid = judged.figures[RECALL].value;
  for (const name of ['boolean', 'booleanRanked', 'embedding']) {
    const { value, low, high } = judged.gains[name][RECALL];
    console.log(`  hybrid over ${name}: ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`);
    holds &&= hybrid > judged.baselines[name].figures[RECALL].value;
  }
  const [random, hard] = ['random negatives', 'mined negatives'].map((words) => partOf(judged, words));
  console.log(`  mined over random negatives: ${(100 * (hard / random - 1)).toFixed(1)} %`);
  holds &&= hard >= 1.05 * random;
}

function partOf({ reports }: StoredRanking, words: string): number {
  return reports[1].rows.find(([label]) => String(label).includes(words))![1] as number;
}

async function ablation(): Promise<void> {
  const hard = { members: 'hard' };
  const rows: [string, object][] = [
    ['mined negatives', hard],
    ['random negatives alone', { members: 'random' }],
    ['without online hard negatives', { ...hard, onlineHard: 0 }],
    ['without offline hard negatives', { ...hard, offlineHard: 0 }],
    ['offline from ranks 101–500', { ...hard, offlineFrom: 101, offlineTo: 500 }],
    ['without the transfer from hard to easy', { ...hard, hardEpochs: 0 }],
    ['without hard positives', { ...hard, hardPositives: 0 }],
    ['without social embeddings', { ...hard, social: 'no' }],
    ['without places', { ...hard, place: 'no' }],
    ['words alone', { ...hard, letters: 0 }],
    ['letters alone', { ...hard, words: 0 }],
  ];
  for (const [name, settings] of rows) {
    console.log(name);
    const { run } = await trained(1, settings);
    const { baselines, figures } = (await search.evaluate!(store, run, quietContext))!;
    console.log(
      `  embedding ${baselines.embedding.figures[RECALL].value.toFixed(4)}  hybrid ${figures[RECALL].value.toFixed(4)}`,
    );
  }
}

/** How both members go on by themselves, as long as they are let. */
async function curves(): Promise<void> {
  for (const members of ['random', 'hard']) {
    console.log(`member ${members}`);
    const { run } = await trained(1, { members, patience: 1000 });
    const points = store.metrics(run);
    for (const name of [`val ${RECALL}`, 'val mrr', members, 'ties'])
      console.log(
        `  ${name}: ${points
          .filter((point) => point.name === name)
          .map(({ value }) => value.toFixed(4))
          .join(' ')}`,
      );
  }
}

/** Results of training searches, judged by somebody who knows what was meant; the ranker with and without them. */
async function feedback(): Promise<void> {
  const { run } = await trained(1, {});
  const { engine, prepared } = await loadSearch(store, run, 'known', quietContext);
  const { corpus } = prepared.inputs;
  const said: { text: string; searcher: string; document: string; relevant: number }[] = [];
  const documents = data.nodes('document').ids;
  for (let query = 0; query < RATED; query++) {
    const asked = askedOf(corpus, query);
    const found = engine.search(asked, engine.vectorOf(query)).documents.subarray(0, LOOKED_AT);
    for (const document of found)
      said.push({
        text: asked.text,
        searcher: documents[asked.searcher],
        document: documents[document],
        relevant: Number(document === truth.queries[query].target),
      });
  }
  const texts = [...new Set(said.map(({ text }) => text))];
  const places = new Map(texts.map((text, row) => [text, row]));
  const nodes = data.nodes('document');
  const judged = new InteractionData(
    [
      { name: 'text', ids: texts },
      { name: 'document', ids: documents },
    ],
    [
      {
        name: 'said',
        from: 'text',
        to: 'document',
        fromRows: Int32Array.from(said, ({ text }) => places.get(text)!),
        toRows: Int32Array.from(said, ({ document }) => nodes.row(document)),
        features: {
          searcher: { kind: 'text', values: said.map(({ searcher }) => searcher) },
          relevant: { kind: 'numeric', values: Float64Array.from(said, ({ relevant }) => relevant) },
        },
      },
    ],
  );
  store.writeInteractions(judgedName('corpus'), judged, emptyReport('judged'));
  const { reports } = (await search.evaluate!(store, run, quietContext))!;
  print(reports[3]);
}

function print({ title, columns, rows }: StoredRanking['reports'][number]): void {
  console.log(`  ${title}\n    ${columns.join(' | ')}`);
  for (const row of rows)
    console.log(
      `    ${row.map((value) => (typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : (value ?? '–'))).join(' | ')}`,
    );
}
