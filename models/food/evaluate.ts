import type { ReportTable, StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig } from '@etalon/core/app/model';
import { assertHeldOut, baselineScorers, storedRanking } from '@etalon/core/app/recommend';
import { randomStream, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import { csrOf } from '@etalon/core/graph';
import {
  amongCandidates,
  type EdgeTable,
  edgeQuestions,
  evaluateRanking,
  meanOfUsers,
  type PairQuestions,
  type RankingEvaluation,
  relativeGain,
  rowOf,
  type Scorer,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import type { CandidateOptions, FoodCity } from './city.ts';
import { type LoadedFood, loadFood } from './load.ts';
import type { Asked } from './popularity.ts';
import { askedBy, FoodRanker, questionScorer, RANKINGS, type Ranking } from './ranker.ts';
import { embeddingView } from './view.ts';

export const FOOD_BASELINES: Readonly<Record<string, string>> = {
  orderedBefore: 'Ordered before',
  nearest: 'Nearest',
  similarity: 'Similarity alone',
  withoutSimilarity: 'Ranker of context and habits',
};
const JUDGED_BY = 'mrr';
const NOTE =
  'Each held-out order is a question of its own, with its moment and place; every dish is ranked, those had before too';
/** Orders that are asked about at most, drawn from all, and dishes within reach that each is compared with for the ranker’s AUC. */
const MOST_QUESTIONS = 2000;
const COMPARED = 100;
const QUESTIONS_STREAM = 10;

/** Judges a run on the orders that it never saw. */
export async function evaluateFood(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const food = await loadFood(store, runId, 'known', context);
  const { seed, interactions } = store.run(runId).config as RecommenderConfig;
  assertHeldOut(food.heldOut.test);
  const { city, heldOut } = food;
  const rankers = await fitRankers(food, context);
  const judged = await judgeCity(city, heldOut.heldOut.test, { ...food, rankers }, context);
  const { questions, judge } = judged;
  const { all, ...own } = judged.evaluations;
  const others: Record<string, RankingEvaluation> = {};
  for (const [name, scorer] of Object.entries(
    await baselineScorers(heldOut.known, interactions.edges, seed, context),
  ))
    others[name] = await judge(questions.scorer(scorer));
  return storedRanking({
    runId,
    items: city.items,
    evaluation: all,
    baselines: { ...others, ...own },
    judgedBy: JUDGED_BY,
    note: NOTE,
    reports: [
      similarityReport(judged),
      candidateReport(city, judged.asked, judged.orders, food.options),
      ...(await embeddingView(food, context)),
    ],
  });
}

type Rankers = Readonly<Record<Ranking, FoodRanker>>;

/** The run's ranker, and others that look at less. */
export async function fitRankers(
  { ranker, lessons, seed }: Pick<LoadedFood, 'ranker' | 'lessons' | 'seed'>,
  context: TaskContext,
): Promise<Rankers> {
  const fit = (ranking: Ranking) => FoodRanker.fit(lessons, ranking, seed, context);
  return {
    all: ranker,
    withoutSimilarity: await fit('withoutSimilarity'),
    contextAndSimilarity: await fit('contextAndSimilarity'),
    context: await fit('context'),
  };
}

export interface Rivals extends Pick<LoadedFood, 'options' | 'seed'> {
  readonly rankers: Rankers;
}

type Judged = Ranking | 'similarity';
const RANKED = ['all', 'withoutSimilarity', 'similarity', 'orderedBefore', 'nearest'] as const;

/** How a ranker does on orders of a city, beside what learns less. */
export interface JudgedCity {
  readonly orders: EdgeTable;
  readonly asked: readonly Asked[];
  readonly questions: PairQuestions;
  readonly judge: (scorer: Scorer) => Promise<RankingEvaluation>;
  /** Of all dishes: the ranker, then {@link FOOD_BASELINES}. */
  readonly evaluations: Readonly<Record<(typeof RANKED)[number], RankingEvaluation>>;
  /** Chance that the dish ordered stands above another one within reach, question by question. */
  readonly aucs: Readonly<Record<Judged, Float64Array>>;
}

/** Asks about orders that came after what the city knows. Throws `cancelled`. */
export async function judgeCity(
  city: FoodCity,
  held: EdgeTable,
  { rankers, options, seed }: Rivals,
  context: TaskContext,
  most = MOST_QUESTIONS,
): Promise<JudgedCity> {
  const orders = drawn(held, most, seed);
  const asked = askedBy(city, orders);
  const questions = edgeQuestions(city.data, orders);
  const judge = (scorer: Scorer) => {
    throwIfCancelled(context.signal);
    return evaluateRanking(scorer, questions.task, { seed, context });
  };
  const near = nearby(city, asked, orders, options, seed);
  const judgeNear = async (scoresOf: (question: Asked, items: Int32Array) => Float64Array) => {
    const scorer: Scorer = (numbers) => {
      const scores = new Float32Array(numbers.length * city.items).fill(Number.NEGATIVE_INFINITY);
      numbers.forEach((number, i) => {
        const items = rowOf(near, number);
        const own = scoresOf(asked[number], items);
        items.forEach((item, k) => {
          scores[i * city.items + item] = own[k];
        });
      });
      return scores;
    };
    const task = amongCandidates(questions.task, near);
    const { perUser } = await evaluateRanking(scorer, task, { ks: [10], seed, context });
    // A place with a single dish within reach has no AUC.
    return perUser.auc.filter((value) => !Number.isNaN(value));
  };
  const similarity = (question: Asked, items: Int32Array) => {
    const all = city.similarity(question.user);
    return Float64Array.from(items, (item) => all[item]);
  };
  const ofRankers = async <T>(judged: (ranker: FoodRanker) => Promise<T>): Promise<Record<Ranking, T>> => {
    const values: Partial<Record<Ranking, T>> = {};
    for (const name of Object.keys(RANKINGS) as Ranking[]) values[name] = await judged(rankers[name]);
    return values as Record<Ranking, T>;
  };
  return {
    orders,
    asked,
    questions,
    judge,
    evaluations: {
      orderedBefore: await judge(perQuestion(city, asked, hadBefore(city))),
      nearest: await judge(perQuestion(city, asked, nearness(city))),
      similarity: await judge(perQuestion(city, asked, ({ user }) => city.similarity(user))),
      all: await judge(questionScorer(city, rankers.all, asked, options)),
      withoutSimilarity: await judge(questionScorer(city, rankers.withoutSimilarity, asked, options)),
    },
    aucs: {
      similarity: await judgeNear(similarity),
      ...(await ofRankers((ranker) => judgeNear((question, items) => ranker.scores(city, question, items)))),
    },
  };
}

function drawn(held: EdgeTable, most: number, seed: number): EdgeTable {
  if (held.count <= most) return held;
  const all = randomStream(seed, QUESTIONS_STREAM).shuffle(
    Int32Array.from({ length: held.count }, (_, edge) => edge),
  );
  return held.take(all.slice(0, most).sort());
}

/** For each question the dish ordered and others drawn from within reach. */
function nearby(
  city: FoodCity,
  asked: readonly Asked[],
  orders: EdgeTable,
  { reachKm }: CandidateOptions,
  seed: number,
) {
  return csrOf(
    asked.map((question, number) => {
      const random = randomStream(seed, QUESTIONS_STREAM, number);
      const ordered = orders.toRows[number];
      const others = city.within(question, reachKm).filter((item) => item !== ordered);
      return Int32Array.of(ordered, ...random.shuffle(others).subarray(0, COMPARED)).sort();
    }),
  );
}

function perQuestion(
  { items }: FoodCity,
  asked: readonly Asked[],
  scoresOf: (question: Asked) => Float32Array,
): Scorer {
  return (numbers) => {
    const scores = new Float32Array(numbers.length * items);
    numbers.forEach((number, i) => {
      scores.set(scoresOf(asked[number]), i * items);
    });
    return scores;
  };
}

/** By how often the user had it, then by how many users did. */
function hadBefore({ data, menu, evidence, items }: FoodCity): (question: Asked) => Float32Array {
  const orders = data.degrees(menu.type, 'in');
  const most = orders.reduce((a, b) => Math.max(a, b), 1);
  return ({ user }) => {
    const had = evidence.had(user);
    return Float32Array.from(
      { length: items },
      (_, item) => (had.get(item)?.count ?? 0) + orders[item] / (2 * most),
    );
  };
}

function nearness({ evidence, items }: FoodCity): (question: Asked) => Float32Array {
  return ({ occasion: { place } }) =>
    Float32Array.from({ length: items }, (_, item) => {
      const km = evidence.kmTo(place, item);
      return Number.isNaN(km) ? Number.NEGATIVE_INFINITY : -km;
    });
}

/** Which ranker the similarity is added to. */
const WITHOUT: Partial<Record<Judged, Ranking>> = {
  all: 'withoutSimilarity',
  contextAndSimilarity: 'context',
};

function similarityReport({ aucs, evaluations }: JudgedCity): ReportTable {
  const row = (name: Judged, label: string) => {
    const { value, low, high } = meanOfUsers(aucs[name]);
    const without = WITHOUT[name];
    const gain = without ? relativeGain(aucs[name], aucs[without]) : null;
    return [
      label,
      value,
      low,
      high,
      gain && 100 * gain.value,
      gain && 100 * gain.low,
      gain && 100 * gain.high,
      evaluations[name as (typeof RANKED)[number]]?.figures.mrr.value ?? null,
    ];
  };
  return {
    title: 'What the similarity adds to the ranker',
    note: `AUC: chance that the dish ordered stands above another within reach, of ${COMPARED} drawn ones; gain over the same ranker without the similarity in %; 95 % intervals over orders. MRR of all dishes.`,
    columns: ['', 'AUC', 'from', 'to', 'gain %', 'gain from', 'gain to', 'MRR'],
    rows: [
      row('context', 'Ranker of the context alone'),
      row('contextAndSimilarity', 'Ranker of context and similarity'),
      row('withoutSimilarity', FOOD_BASELINES.withoutSimilarity),
      row('all', 'Ranker of context, habits and similarity'),
      row('similarity', FOOD_BASELINES.similarity),
    ],
  };
}

function candidateReport(
  city: FoodCity,
  asked: readonly Asked[],
  orders: EdgeTable,
  options: CandidateOptions,
): ReportTable {
  const share = (listOf: (question: Asked) => Int32Array) => {
    const lists = asked.map(listOf);
    const found = lists.filter((list, i) => list.includes(orders.toRows[i])).length;
    const items = lists.reduce((sum, { length }) => sum + length, 0);
    return [found / asked.length, items / asked.length];
  };
  return {
    title: 'Candidates',
    note: `Share of the orders whose dish is among them, and dishes of a question. Within reach: ${options.reachKm.toFixed(1)} km as the crow flies.`,
    columns: ['', 'found', 'dishes'],
    rows: [
      ['within reach', ...share((question) => city.within(question, options.reachKm))],
      ['most similar of those, and had before', ...share((question) => city.candidates(question, options))],
    ],
  };
}
