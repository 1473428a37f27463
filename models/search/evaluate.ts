import type { ReportTable, StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig } from '@etalon/core/app/model';
import { assertHeldOut, storedRanking } from '@etalon/core/app/recommend';
import { type TaskContext, throwIfCancelled } from '@etalon/core/base';
import {
  Bm25Index,
  compareScorers,
  evaluateRanking,
  popularity,
  type RankingEvaluation,
  type RankingTask,
  rowOf,
  type Scorer,
  tally,
  wordsOf,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { heldOutOf } from '../recommend/run.ts';
import { dotScorer } from '../recommend/scorer.ts';
import { memberVectors } from './batches.ts';
import type { Corpus } from './corpus.ts';
import { askedOf } from './evidence.ts';
import { FORMS, formOf } from './forms.ts';
import { WAYS } from './hybridIndex.ts';
import { membersOf } from './network.ts';
import { type LoadedSearch, loadSearch } from './open.ts';
import { JUDGED_BY, searchSystem } from './system.ts';

/** Above every cosine. */
const FIRST = 10;

export const SEARCH_BASELINES: Readonly<Record<string, string>> = {
  popularity: 'Popularity',
  bm25: 'BM25',
  boolean: 'Boolean terms, by BM25',
  booleanRanked: 'Boolean terms, by the ranker without the cosine',
  embedding: 'Embedding alone, by cosine',
};

const LABELS: Readonly<Record<string, string>> = {
  hybrid: 'Hybrid, by the ranker',
  ...SEARCH_BASELINES,
  embeddingRanked: 'Embedding alone, by the ranker',
  hybridWithoutCosine: 'Hybrid, by the ranker without the cosine',
  hybridOfClicks: 'Hybrid, by the ranker of clicks alone',
  random: 'Member with random negatives alone',
  hard: 'Member with mined negatives',
  cascade: 'Cascade: the first retrieves, the second ranks',
};

/** Judges a run on the last clicks, beside its parts alone. */
export async function evaluateSearch(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const loaded = await loadSearch(store, runId, 'known', context, ['withoutCosine', 'ofClicks']);
  const config = store.run(runId).config as RecommenderConfig;
  const { interactions, seed } = config;
  const test = assertHeldOut(heldOutOf(searchSystem, store, config, loaded.settings).test);
  const scorers = searchScorers(loaded, popularity(loaded.data, interactions.edges), test.items);
  const judged: Record<string, RankingEvaluation> = {};
  for (const [name, scorer] of Object.entries(scorers)) {
    throwIfCancelled(context.signal);
    judged[name] = await evaluateRanking(scorer, test, { ks: [10, 20, 100], seed, context });
  }
  const { hybrid } = judged;
  const { corpus } = loaded.prepared.inputs;
  return storedRanking({
    runId,
    items: test.items,
    evaluation: hybrid,
    baselines: Object.fromEntries(Object.keys(SEARCH_BASELINES).map((name) => [name, judged[name]])),
    judgedBy: JUDGED_BY,
    note: 'Each query that was clicked in the last part is asked; every document is ranked.',
    reports: [
      formReport(judged, test, corpus),
      partsReport(judged),
      retrievalReport(loaded, test),
      feedbackReport(loaded.engine.judged, hybrid, judged.hybridOfClicks ?? hybrid),
    ],
  });
}

/** The system first, then its parts alone. */
export function searchScorers(
  { engine, states, settings, prepared: { inputs } }: LoadedSearch,
  byPopularity: Scorer,
  items: number,
): Record<string, Scorer> {
  const members = membersOf(settings);
  const own = members.map((member) => {
    const [users, rows] = [states.queries, states.documents].map((all) =>
      memberVectors(all, member, settings),
    );
    return dotScorer({ users, items: rows }, items);
  });
  const words = wordScorers(inputs.corpus, items);
  return {
    hybrid: engine.scorer('hybrid'),
    popularity: byPopularity,
    ...words,
    booleanRanked: engine.scorer('terms', 'withoutCosine'),
    embedding: dotScorer({ users: states.queries, items: states.documents }, items),
    embeddingRanked: engine.scorer('near'),
    hybridWithoutCosine: engine.scorer('hybrid', 'withoutCosine'),
    ...(engine.judged > 0 && { hybridOfClicks: engine.scorer('hybrid', 'ofClicks') }),
    ...Object.fromEntries(members.map((member, i) => [member, own[i]])),
    ...(members.length === 2 && { cascade: cascadeScorer(own[0], own[1], settings.candidates, items) }),
  };
}

/** BM25 of all texts; and of them only documents with all words, then the others. */
function wordScorers({ texts, queries }: Corpus, items: number): { bm25: Scorer; boolean: Scorer } {
  const joined = Array.from({ length: items }, (_, d) =>
    texts.map(({ values }) => values[d] ?? '').join(' '),
  );
  const index = new Bm25Index(joined);
  const words = joined.map((text) => new Set(wordsOf(text)));
  const scorer =
    (onlyAll: boolean): Scorer =>
    (asked) => {
      const scores = new Float32Array(asked.length * items);
      asked.forEach((query, i) => {
        const own = scores.subarray(i * items, (i + 1) * items);
        const text = wordsOf(queries[query] ?? '');
        index.addScores(tally(text), own);
        if (onlyAll)
          for (let d = 0; d < items; d++) if (!text.every((word) => words[d].has(word))) own[d] = -1;
      });
      return scores;
    };
  return { bm25: scorer(false), boolean: scorer(true) };
}

/** Cascade (Huang et al. 2020, §6.2.2): the best of one model, ranked by the other; what it did not retrieve stays below. */
function cascadeScorer(first: Scorer, second: Scorer, kept: number, items: number): Scorer {
  return async (asked) => {
    const [retrieved, ranked] = [(await first(asked)).slice(), await second(asked)];
    for (let i = 0; i < asked.length; i++) {
      const own = retrieved.subarray(i * items, (i + 1) * items);
      const bound = own.slice().sort()[Math.max(0, items - kept)];
      for (let d = 0; d < items; d++) if (own[d] >= bound) own[d] = FIRST + ranked[i * items + d];
    }
    return retrieved;
  };
}

function formReport(
  judged: Record<string, RankingEvaluation>,
  test: RankingTask,
  corpus: Corpus,
): ReportTable {
  const names = corpus.texts[0].values;
  const forms = Array.from(test.users, (query) =>
    formOf(corpus.queries[query] ?? '', names[rowOf(test.relevant, query)[0]] ?? ''),
  );
  return {
    title: 'Recall@10 by form of query',
    note: 'How the query is related to the name of what was clicked, read off both.',
    columns: ['', 'all', ...FORMS],
    rows: [
      ['queries', forms.length, ...FORMS.map((form) => forms.filter((own) => own === form).length)],
      ...Object.entries(judged).map(([name, { perUser, figures }]) => [
        LABELS[name],
        figures[JUDGED_BY].value,
        ...FORMS.map((form) => meanWhere(perUser[JUDGED_BY], (i) => forms[i] === form)),
      ]),
    ],
  };
}

/** Null where there is nothing to take the mean of. */
function meanWhere(values: Float64Array, isMeant: (i: number) => boolean): number | null {
  const own = values.filter((_, i) => isMeant(i));
  return own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length;
}

function partsReport(judged: Record<string, RankingEvaluation>): ReportTable {
  const shown = [JUDGED_BY, 'recall@100', 'mrr', 'ndcg@10'];
  return {
    title: 'Parts of the system',
    note: 'What each part does alone, on the same queries; 95 % intervals stand with the figures.',
    columns: ['', ...shown],
    rows: Object.entries(judged).map(([name, { figures }]) => [
      LABELS[name],
      ...shown.map((figure) => figures[figure].value),
    ]),
  };
}

/** What the index finds before anything is ranked. */
function retrievalReport({ engine, prepared }: LoadedSearch, test: RankingTask): ReportTable {
  const { corpus } = prepared.inputs;
  const count = test.users.length;
  return {
    title: 'Retrieval',
    note: `Share of what was clicked among the candidates, and what finding them costs a query; radius ${engine.index.radius.toFixed(3)}.`,
    columns: ['', 'found', 'candidates', 'scanned', 'walked'],
    rows: WAYS.map((way) => {
      const sums = [0, 0, 0, 0];
      for (const query of test.users) {
        const { text } = askedOf(corpus, query);
        const { documents, scanned, walked } = engine.index.find(text, engine.vectorOf(query), way);
        const relevant = rowOf(test.relevant, query);
        const hits = documents.filter((document) => relevant.includes(document)).length;
        [hits / relevant.length, documents.length, scanned, walked].forEach((value, i) => {
          sums[i] += value;
        });
      }
      return [way, ...sums.map((sum) => sum / count)];
    }),
  };
}

/** What the ranker gains by what people judged. */
function feedbackReport(count: number, all: RankingEvaluation, ofClicks: RankingEvaluation): ReportTable {
  const { value, low, high } = compareScorers(all, ofClicks)[JUDGED_BY];
  return {
    title: 'Judged results',
    note: 'What the ranker gains by results that people judged, beside clicks; those of searches of the test are left out.',
    columns: ['', 'judged results', JUDGED_BY, 'gain', 'from', 'to'],
    rows: [
      ['ranker of clicks', 0, ofClicks.figures[JUDGED_BY].value, null, null, null],
      ...(count > 0
        ? [['ranker of clicks and judgements', count, all.figures[JUDGED_BY].value, value, low, high]]
        : []),
    ],
  };
}
