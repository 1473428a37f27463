/**
 * The baselines that a recommender must beat, tuned on validation data and judged by full rankings:
 *   npm run bench:recommend-baselines [-- --data ml-100k|lastfm]
 * ml-100k: every rating is a positive; of each user the last 20 % by time are the test, the 10 % before them validation.
 * lastfm: `data1.txt` is known, `test1.txt` the test, as published; 10 % of each user's known listens are validation, at random.
 * Settings are chosen by NDCG@10 on validation, models then fitted to training and validation together; the test is looked at once.
 */
import { parseArgs } from 'node:util';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  type BprSettings,
  bm25,
  bprMf,
  evaluateRanking,
  type InteractionData,
  type ItemKnnSettings,
  itemKnn,
  popularity,
  type RankingTask,
  rankingTask,
  readInteractionFiles,
  type Scorer,
  type Split,
  splitUsersAtRandom,
  splitUsersByTime,
} from '../../core/interactions/index.ts';
import { hasRecommendData, recommendData } from '../support/recommendData.ts';

const CHOSEN_BY = 'ndcg@10';
const SEEDS = [1, 2, 3];
const MOST_EPOCHS = 200;
const EPOCHS_BETWEEN = 10;
/** Looks at validation without a better figure, after which training ends. */
const PATIENCE = 3;

interface Benchmark {
  data: InteractionData;
  type: string;
  split: Split;
  texts: readonly string[];
}

const BENCHMARKS: Record<string, () => Promise<Benchmark>> = {
  async 'ml-100k'() {
    const files = ['ml-100k.inter', 'ml-100k.item'].map((name) => ({ path: recommendData('ml-100k', name) }));
    const { data } = await readInteractionFiles(files, {}, quietContext);
    const type = 'interaction';
    const split = splitUsersByTime(data.edges(type), { shares: { validation: 0.1, test: 0.2 } });
    return { data, type, split, texts: ['movie_title', 'class'] };
  },
  async lastfm() {
    const type = 'listened';
    const files = ['data1.txt', 'test1.txt'].map((name) => ({
      path: recommendData('lastfm', name),
      choices: { type },
    }));
    const { data: known } = await readInteractionFiles(files.slice(0, 1), {}, quietContext);
    const { data } = await readInteractionFiles(files, {}, quietContext);
    const first = known.edges(type).count;
    const { train, validation } = splitUsersAtRandom(
      known.edges(type),
      { shares: { validation: 0.1, test: 0 } },
      new Random(1),
    );
    return {
      data,
      type,
      split: { train, validation, test: data.edges(type).where((edge) => edge >= first) },
      texts: [],
    };
  },
};

if (!hasRecommendData) {
  console.log('Skipped: ../shared/data/recommend is not there.');
  process.exit();
}
const { values } = parseArgs({ options: { data: { type: 'string', default: 'ml-100k' } } });
const started = process.cpuUsage();
const { data, type, split, texts } = await BENCHMARKS[values.data]();
const known = Int32Array.of(...split.train, ...split.validation).sort();
const onTrain = only(split.train);
const onKnown = only(known);
const validation = rankingTask(data, type, { known: split.train, relevant: split.validation });
const test = rankingTask(data, type, { known, relevant: split.test });
console.log(
  `${values.data}: ${split.train.length} + ${split.validation.length} + ${split.test.length} edges; ` +
    `${validation.users.length} users validated, ${test.users.length} tested, ${test.items} items ranked`,
);

await report('popularity', popularity(onKnown, type));

const knn = await bestOf('item-kNN', knnGrid(), async (settings) =>
  judged(itemKnn(onTrain, type, settings), validation),
);
await report(`item-kNN ${text(knn)}`, itemKnn(onKnown, type, knn));

const bpr = await tunedBpr();
for (const seed of SEEDS)
  await report(
    `BPR-MF ${text({ ...bpr, seed })}`,
    await bprMf(onKnown, type, { ...bpr, seed }, quietContext),
  );

if (texts.length > 0) await report(`BM25 over ${texts.join(', ')}`, bm25(onKnown, type, texts));
const { user, system } = process.cpuUsage(started);
console.log(`${((user + system) / 1e6).toFixed(0)} s of processor time`);

function only(edges: Int32Array): InteractionData {
  return data.withEdges(data.edges(type).take(edges));
}

async function judged(scorer: Scorer, task: RankingTask): Promise<number> {
  return (await evaluateRanking(scorer, task)).figures[CHOSEN_BY].value;
}

function knnGrid(): ItemKnnSettings[] {
  return [20, 50, 100, 200, 400, 800].flatMap((neighbours) =>
    [0, 5, 20, 100].map((shrinkage) => ({ neighbours, shrinkage })),
  );
}

/** One setting after the other, each from the best so far, in an order that changes the most first. */
async function tunedBpr(): Promise<Omit<BprSettings, 'seed'>> {
  const start = {
    factors: 64,
    learningRate: 0.05,
    regularisation: 0.01,
    epochs: MOST_EPOCHS,
    negativesAlpha: 0,
  };
  const grids: Partial<typeof start>[][] = [
    [{ regularisation: 0.01 }, { regularisation: 0.03 }, { regularisation: 0.1 }],
    [{ learningRate: 0.02 }, { learningRate: 0.1 }],
    [{ factors: 32 }, { factors: 128 }],
    [{ negativesAlpha: 0.5 }, { negativesAlpha: 1 }],
  ];
  let best = start;
  let value = Number.NEGATIVE_INFINITY;
  for (const grid of grids) {
    const from = { ...best, epochs: MOST_EPOCHS };
    for (const change of grid) {
      const settings = { ...from, ...change };
      const found = await stoppedEarly(settings);
      console.log(
        `  BPR-MF ${text({ ...settings, epochs: found.epochs })}: ${CHOSEN_BY} ${found.value.toFixed(4)}`,
      );
      if (found.value <= value) continue;
      value = found.value;
      best = { ...settings, epochs: found.epochs };
    }
  }
  return best;
}

async function stoppedEarly(settings: Omit<BprSettings, 'seed'>): Promise<{ epochs: number; value: number }> {
  let best = { epochs: 0, value: 0 };
  await bprMf(onTrain, type, { ...settings, seed: SEEDS[0] }, quietContext, async (epoch, scorer) => {
    if (epoch % EPOCHS_BETWEEN > 0) return true;
    const value = await judged(scorer, validation);
    if (value > best.value) best = { epochs: epoch, value };
    return epoch - best.epochs < PATIENCE * EPOCHS_BETWEEN;
  });
  return best;
}

async function bestOf<S extends object>(
  name: string,
  grid: readonly S[],
  judge: (settings: S) => Promise<number>,
): Promise<S> {
  let best: { settings: S; value: number } | undefined;
  for (const settings of grid) {
    const value = await judge(settings);
    console.log(`  ${name} ${text(settings)}: ${CHOSEN_BY} ${value.toFixed(4)}`);
    if (!best || value > best.value) best = { settings, value };
  }
  return best!.settings;
}

async function report(name: string, scorer: Scorer): Promise<void> {
  const { figures, coverage, gini } = await evaluateRanking(scorer, test);
  const shown = ['ndcg@10', 'recall@20', 'recall@10', 'hit@10', 'mrr', 'map', 'auc'].map((figure) => {
    const { value, low, high } = figures[figure];
    return `${figure} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  });
  console.log(
    `${name}\n    ${shown.join('  ')}  coverage@10 ${coverage['@10'].toFixed(3)}  gini@10 ${gini['@10'].toFixed(3)}`,
  );
}

function text(settings: object): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
