/**
 * Food on its sample city, three seeds: rankers with and without the similarity, and what learns less, on orders that came after the training; and
 * in a city that nothing was trained on:
 *   npm run bench:food [-- --seeds 1,2,3] [--set key=value …]
 *   npm run bench:food -- --brief 500                         so many orders, without BPR-MF, item-kNN and the other city
 *   npm run bench:food -- --validation [--set key=value …]    settings are chosen by the similarity alone on orders for validation
 *   npm run bench:food -- --data restaurants                  real ratings of real restaurants (../shared/data): places, no times
 * Exit code 1 where the similarity adds less than 8 % to the AUC of a ranker of the context, or MRR is less than 20 % above popularity.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoredRanking } from '../../core/api/recommenders.ts';
import type { RecommenderConfig } from '../../core/app/model.ts';
import { quietContext } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import {
  type EdgeTable,
  edgeQuestions,
  evaluateRanking,
  type HoldOutWay,
  holdOut,
  type InteractionData,
  meanOfUsers,
  popularity,
  readInteractionFiles,
  relativeGain,
  type Scorer,
} from '../../core/interactions/index.ts';
import { createProject } from '../../core/project/index.ts';
import { generateCity } from '../../fixtures/index.ts';
import { COLD_START, craving, foodCity, type Occasion } from '../../fixtures/interactions/food/index.ts';
import type { FoodCity } from '../../models/food/city.ts';
import { fitRankers, judgeCity } from '../../models/food/evaluate.ts';
import { type LoadedFood, loadCity, loadFood } from '../../models/food/load.ts';
import type { Asked } from '../../models/food/popularity.ts';
import { food } from '../../models/food.ts';
import { recommendData } from '../support/recommendData.ts';
import { emptyReport } from '../support/trips.ts';

/** Gains that must be there. */
const [AUC_GAIN, MRR_GAIN] = [0.08, 0.2];
const COMPARED = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    data: { type: 'string', default: 'sample' },
    validation: { type: 'boolean', default: false },
    brief: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const seeds = values.seeds.split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'etalon-bench-food-'));
const store = createProject(join(folder, 'food.etalon'));
let holds = true;
try {
  if (values.data === 'restaurants') await restaurants();
  else await sample();
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
process.exit(holds ? 0 : 1);

async function trained(seed: number, edges: string, way: HoldOutWay, settings: object = {}): Promise<number> {
  const interactions = { data: 'food', edges, holdOut: { way, test: 0.2, validation: 0, seed: 1 } };
  const config: RecommenderConfig = { seed, settings: { ...settings, ...given }, interactions };
  const { id } = store.createRun({ model: 'food', config });
  const cpu = process.cpuUsage();
  await food.train(store, id, { ...quietContext, device: 'cpu', stop: new AbortController().signal });
  const { user, system } = process.cpuUsage(cpu);
  console.log(`  trained in ${((user + system) / 1e6).toFixed(0)} s of processor time`);
  return id;
}

async function sample(): Promise<void> {
  const { data, truth } = await foodCity(await generateCity());
  store.writeInteractions('food', data, emptyReport('sample'));
  const cold = await foodCity(await generateCity(2), COLD_START);
  for (const seed of seeds) {
    console.log(`seed ${seed}`);
    const run = await trained(seed, 'ordered', 'time');
    if (values.validation) {
      await validation(run);
      continue;
    }
    if (values.brief) {
      await brief(run, seed, Number(values.brief));
      continue;
    }
    const judged = (await food.evaluate!(store, run, quietContext))!;
    show(judged);
    check(judged);
    if (seed === seeds[0]) oracle(data, (asked, dish) => craving(truth, asked.user, dish, occasionOf(asked)));
    await coldStart(run, cold.data, seed);
  }
}

async function validation(run: number): Promise<void> {
  const { heldOut, loaded } = await loadFood(store, run, 'known', quietContext);
  const device = await openDevice('cpu');
  const { city } = await loadCity(store, run, heldOut.train, device, quietContext);
  await device.dispose();
  const questions = edgeQuestions(city.data, heldOut.heldOut.validation);
  const scorer: Scorer = (users) =>
    Float32Array.from([...users].flatMap((user) => [...city.similarity(user)]));
  const { figures } = await evaluateRanking(questions.scorer(scorer), questions.task);
  const shown = ['auc', 'mrr', 'recall@20'].map((name) => `${name} ${figures[name].value.toFixed(4)}`);
  console.log(`  similarity alone: ${shown.join(', ')}; ${loaded.settings.epochs} epochs at most`);
}

/** What the run makes of a city whose orders it never saw: nothing is trained again. */
async function coldStart(run: number, data: InteractionData, seed: number): Promise<void> {
  const { known, heldOut } = holdOut(data, 'ordered', { way: 'time', test: 0.3, validation: 0, seed: 1 });
  const device = await openDevice('cpu');
  const { city } = await loadCity(store, run, known, device, quietContext);
  await device.dispose();
  const own = await loadFood(store, run, 'known', quietContext);
  console.log(`  cold start: ${known.edges('ordered').count} orders known`);
  await judge(city, heldOut.test, { ...own, seed });
}

async function brief(run: number, seed: number, most: number): Promise<void> {
  const own = await loadFood(store, run, 'known', quietContext);
  const { mrr, gain } = await judge(own.city, own.heldOut.heldOut.test, { ...own, seed }, most);
  verdict(gain, mrr);
}

async function judge(city: FoodCity, held: EdgeTable, own: LoadedFood, most?: number) {
  const rankers = await fitRankers(own, quietContext);
  const judged = await judgeCity(city, held, { ...own, rankers }, quietContext, most);
  const { evaluations, questions, aucs, orders } = judged;
  const popular = await judged.judge(questions.scorer(popularity(city.data, 'ordered')));
  console.log(`    ${orders.count} orders asked about`);
  for (const [name, { figures }] of Object.entries({ ...evaluations, popularity: popular }))
    console.log(
      `    ${name}: MRR ${figure(figures.mrr)}, NDCG@10 ${figure(figures['ndcg@10'])}, AUC ${figure(figures.auc)}`,
    );
  for (const [name, auc] of Object.entries(aucs))
    console.log(`    ${name}: AUC within reach ${figure(meanOfUsers(auc))}`);
  const gain = relativeGain(aucs.contextAndSimilarity, aucs.context);
  console.log(`    similarity beside context: ${percent(gain)}`);
  console.log(
    `    similarity beside context and habits: ${percent(relativeGain(aucs.all, aucs.withoutSimilarity))}`,
  );
  return { gain: gain.value, mrr: evaluations.all.figures.mrr.value / popular.figures.mrr.value - 1 };
}

/** How often somebody who knew tastes and kitchens would put the dish ordered above another one, any of all dishes. */
function oracle(data: InteractionData, cravingOf: (asked: Asked, dish: number) => number): void {
  const orders = data.edges('ordered');
  const dishes = data.nodes('dish').count;
  const from = Math.round(0.8 * orders.count);
  let [above, compared] = [0, 0];
  for (let order = from; order < orders.count; order += 5) {
    const asked = askedOf(data, order);
    const own = cravingOf(asked, orders.toRows[order]);
    for (let k = 0; k < COMPARED; k++) {
      const other = (order * 131 + k * 17) % dishes;
      if (other === orders.toRows[order]) continue;
      if (own > cravingOf(asked, other)) above++;
      compared++;
    }
  }
  console.log(`  who knew all tastes, but not what was had before: AUC ${(above / compared).toFixed(4)}`);
}

function askedOf(data: InteractionData, order: number): Asked {
  const { fromRows, features } = data.edges('ordered');
  const { hour, place } = features;
  if (hour.kind !== 'numeric' || place.kind !== 'coordinates') throw new Error('other features');
  return {
    user: fromRows[order],
    occasion: {
      hour: hour.values[order],
      weekday: Number.NaN,
      place: [place.longitude[order], place.latitude[order]],
    },
  };
}

function occasionOf({ occasion: { hour, place } }: Asked): Occasion {
  const slot = hour < 11 ? 'breakfast' : hour < 14 ? 'lunch' : hour < 21 ? 'dinner' : 'late';
  return { slot, place: place! };
}

async function restaurants(): Promise<void> {
  const names = [
    'rating_final.csv',
    'userprofile.csv',
    'geoplaces2.csv',
    'chefmozcuisine.csv',
    'usercuisine.csv',
  ];
  const files = names.map((name) => ({ path: recommendData('restaurants', name), choices: {} }));
  const { data } = await readInteractionFiles(files, {}, quietContext);
  for (const type of data.nodeTypes)
    console.log(type, data.nodes(type).count, Object.keys(data.nodes(type).features).join(', '));
  for (const type of data.edgeTypes)
    console.log(type, data.edges(type).count, Object.keys(data.edges(type).features).join(', '));
  store.writeInteractions('food', data, emptyReport('restaurants'));
  for (const seed of seeds) {
    console.log(`seed ${seed}`);
    const run = await trained(seed, 'rating_final', 'random', { batchPairs: 128, validationShare: 0.15 });
    show((await food.evaluate!(store, run, quietContext))!);
  }
}

function show({ figures, baselines, reports, users, items }: StoredRanking): void {
  console.log(`  ${users} orders asked about, ${items} ranked`);
  for (const [name, judged] of Object.entries({ ranker: { figures }, ...baselines })) {
    const shown = ['mrr', 'ndcg@10', 'recall@10', 'auc'].map((of) => `${of} ${figure(judged.figures[of])}`);
    console.log(`    ${name}: ${shown.join('  ')}`);
  }
  for (const { title, columns, rows } of reports.slice(0, 3)) {
    console.log(`    ${title}: ${columns.join(' | ')}`);
    for (const row of rows)
      console.log(
        `      ${row.map((value) => (typeof value === 'number' ? value.toFixed(4) : (value ?? '–'))).join(' | ')}`,
      );
  }
}

function check({ figures, baselines, reports }: StoredRanking): void {
  const [, gain] = reports[0].rows.map((row) => row[4]);
  verdict(Number(gain) / 100, figures.mrr.value / baselines.popularity.figures.mrr.value - 1);
}

/** @param gain of the AUC of a ranker of the context by the similarity. @param mrr share by which it is above popularity. */
function verdict(gain: number, mrr: number): void {
  const isMissed = !(gain >= AUC_GAIN && mrr >= MRR_GAIN);
  holds &&= !isMissed;
  console.log(
    `  AUC of context with similarity: +${(100 * gain).toFixed(1)} %; MRR above popularity: +${(100 * mrr).toFixed(0)} %${isMissed ? ' MISSED' : ''}`,
  );
}

function figure({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
}

function percent({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${[value, low, high].map((share) => `${(100 * share).toFixed(1)} %`).join(', ')}`;
}
