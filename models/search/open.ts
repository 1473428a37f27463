import type { RecommendedItem, RecommendQuestion, UserRecommendations } from '@etalon/core/api/contract';
import type { Knowledge, OpenRecommender, RecommenderConfig } from '@etalon/core/app/model';
import { EtalonError, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import { type Executable, openDevice } from '@etalon/core/device';
import { type InteractionData, rowOf } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { type LoadedRun, loadRun } from '../recommend/open.ts';
import { heldOutOf } from '../recommend/run.ts';
import { type RankedDocuments, type Ranking, SearchEngine, type SearchStates } from './engine.ts';
import { type Asked, askedOf, placeOf, SHARED, TIED } from './evidence.ts';
import { questionFeed, SearchExplainer } from './explain.ts';
import { judgedSearches, searchKey } from './feedback.ts';
import { documentFeed } from './inputs.ts';
import type { SearchSettings } from './settings.ts';
import { type PreparedSearch, searchSystem } from './system.ts';

/** A trained run with everything that searches by it. */
export interface LoadedSearch extends LoadedRun<PreparedSearch, SearchSettings> {
  readonly engine: SearchEngine;
  readonly states: SearchStates;
}

/**
 * The run's towers over the data, and the ranker fitted to the clicks that they did not see, and to what people judged.
 * @param rankings fitted beside it, to judge by.
 */
export async function loadSearch(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
  rankings: readonly Ranking[] = [],
): Promise<LoadedSearch> {
  context.report({ stage: 'Loading the search', done: 0 });
  const loaded = await loadRun(searchSystem, store, runId, knowledge, context);
  const config = store.run(runId).config as RecommenderConfig;
  const { validation, test } = heldOutOf(searchSystem, store, config, loaded.settings);
  const { prepared, data, settings, network, parameters } = loaded;
  const { corpus } = prepared.inputs;
  const device = await openDevice('cpu');
  const forward = await device.compile(network.forward);
  const { users, items } = await forward.run({ ...prepared.feed, parameters });
  const held = new Set(
    Array.from(knowledge === 'known' && test ? test.users : [], (query) => searchKey(askedOf(corpus, query))),
  );
  const judged = judgedSearches(store, config.interactions.data, data, corpus).filter(
    ({ asked }) => !held.has(searchKey(asked)),
  );
  const embedded = await embedQuestions(
    loaded,
    forward,
    judged.map(({ asked }) => asked),
  );
  await device.dispose();
  const states = { queries: users, documents: items };
  const width = items.length / prepared.inputs.documents;
  const vectorOf = (rows: Float32Array, row: number) => rows.subarray(row * width, (row + 1) * width);
  const clicks = Array.from(validation?.users ?? [], (query) => ({
    asked: askedOf(corpus, query),
    vector: vectorOf(users, query),
    relevant: new Map(
      Array.from(rowOf(validation!.relevant, query), (document) => [document, true] as const),
    ),
  }));
  const parts = {
    data,
    corpus,
    states,
    settings,
    seed: config.seed,
    clicks,
    judged: judged.map((search, i) => ({ ...search, vector: vectorOf(embedded, i) })),
  };
  return { ...loaded, states, engine: await SearchEngine.build(parts, rankings, context) };
}

/** [questions · dimension] One document is embedded beside them: the program has both towers. */
async function embedQuestions(
  loaded: LoadedRun<PreparedSearch, SearchSettings>,
  tower: Executable,
  questions: readonly Asked[],
): Promise<Float32Array> {
  if (questions.length === 0) return new Float32Array(0);
  const { prepared, parameters } = loaded;
  const documents = documentFeed(prepared.inputs, Int32Array.of(0));
  const feed = { ...prepared.feed, ...documents, ...questionFeed(loaded, questions), parameters };
  return (await tower.run(feed)).users;
}

export async function openSearch(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  const loaded = await loadSearch(store, runId, knowledge, context);
  const { data, edges, prepared, states, engine } = loaded;
  const { corpus } = prepared.inputs;
  const device = await openDevice('cpu');
  let explainer: SearchExplainer | undefined;
  const explain = async (asked: Asked, document: number) => {
    explainer ??= await SearchExplainer.compile(device, loaded);
    return explainer.explain(asked, document);
  };
  const tower = await device.compile(loaded.network.forward);
  const embeddingsOf = (nodes: string, values: Float32Array) => {
    const { ids } = data.nodes(nodes);
    return { nodes, ids, width: values.length / ids.length, values };
  };
  return {
    data,
    edges,
    scorer: engine.scorer(),
    embeddings: [
      embeddingsOf(corpus.queryType, states.queries),
      embeddingsOf(corpus.documentType, states.documents),
    ],
    explain: (query, document) => explain(askedOf(corpus, query), document),
    async answer(question, asking) {
      const answers: UserRecommendations[] = [];
      for (const { user, asked, known } of questionsOf(data, prepared, question)) {
        throwIfCancelled(asking.signal);
        const vector = known === null ? await embedQuestions(loaded, tower, [asked]) : engine.vectorOf(known);
        const found = engine.search(asked, vector);
        const items: RecommendedItem[] = [];
        for (let place = 0; place < Math.min(question.count, found.documents.length); place++) {
          const document = found.documents[place];
          const reasons = question.withReasons ? await explain(asked, document) : null;
          items.push(itemOf(data, prepared, engine, asked, found, place, reasons));
        }
        answers.push({ user, items });
      }
      return answers;
    },
    dispose: () => device.dispose(),
  };
}

/** With words: searchers by their identifier, or whoever made a query, by that of the query. Without: queries of the data, searched again. */
function questionsOf(
  data: InteractionData,
  { inputs: { corpus } }: PreparedSearch,
  { users, text, place }: RecommendQuestion,
): { user: string; asked: Asked; known: number | null }[] {
  if (text === undefined && place)
    throw new EtalonError('usage', 'A place alone is no search.', {
      where: { field: 'text' },
      remedy: 'Say what is searched for, with --text.',
    });
  return users.map((user) => {
    if (text === undefined) {
      const known = data.nodes(corpus.queryType).row(user);
      return { user, asked: askedOf(corpus, known), known };
    }
    const documents = data.nodes(corpus.documentType);
    const query = data.nodes(corpus.queryType).rowOf(user);
    const searcher =
      documents.rowOf(user) ?? (query === undefined ? documents.row(user) : corpus.searchers[query]);
    const home = searcher >= 0 && corpus.places ? placeOf(corpus.places, searcher) : null;
    return { user, asked: { text, searcher, place: place ?? home }, known: null };
  });
}

function itemOf(
  data: InteractionData,
  { inputs: { corpus } }: PreparedSearch,
  engine: SearchEngine,
  asked: Asked,
  found: RankedDocuments,
  place: number,
  reasons: RecommendedItem['reasons'],
): RecommendedItem {
  const document = found.documents[place];
  const evidence = engine.evidence.of(asked, Int32Array.of(document));
  const values = engine.evidence.names.map((name, i) => [name, evidence[i][0]] as const);
  const told = values.filter(
    ([name, value]) => [TIED, SHARED, 'km away'].includes(name) && !Number.isNaN(value),
  );
  return {
    item: data.nodes(corpus.documentType).ids[document],
    title: corpus.texts[0].values[document] || null,
    score: found.scores[place],
    reasons,
    details: { cosine: found.cosines[place], ...Object.fromEntries(told) },
  };
}
