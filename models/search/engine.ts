import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { InteractionData, Scorer } from '@etalon/core/interactions';
import { type JudgedLists, TreeRanker } from '../recommend/treeRanker.ts';
import type { Corpus } from './corpus.ts';
import { type Asked, askedOf, Evidence } from './evidence.ts';
import type { JudgedSearch } from './feedback.ts';
import { type Candidates, HybridIndex, type Way } from './hybridIndex.ts';
import type { SearchSettings } from './settings.ts';

/** Above every cosine: candidates stand before what was not retrieved. */
const RETRIEVED = 10;
/** Queries between two breaths. */
const AT_ONCE = 50;

export interface SearchStates {
  /** [queries · dimension] and [documents · dimension], of unit length. */
  readonly queries: Float32Array;
  readonly documents: Float32Array;
}

export interface RankedDocuments extends Candidates {
  /** [documents] by the ranker; the documents are best first. */
  readonly scores: Float64Array;
}

/** What the ranker knows: everything, everything but the cosine, or no judgements. */
export type Ranking = 'all' | 'withoutCosine' | 'ofClicks';

export interface EngineParts {
  data: InteractionData;
  corpus: Corpus;
  states: SearchStates;
  settings: SearchSettings;
  seed: number;
  /** Clicks that the towers did not see, and what people judged: the ranker learns from them. */
  clicks: readonly EmbeddedSearch[];
  judged: readonly EmbeddedSearch[];
}

/** A search whose relevant documents are known, with its embedding. */
export interface EmbeddedSearch extends JudgedSearch {
  readonly vector: Float32Array;
}

/** Everything between a query and its results: index, candidates, ranker. */
export class SearchEngine {
  readonly index: HybridIndex;
  readonly evidence: Evidence;
  /** Judged results that the ranker learned from beside clicks. */
  readonly judged: number;
  readonly #corpus: Corpus;
  readonly #states: SearchStates;
  readonly #rankers: Readonly<Partial<Record<Ranking, TreeRanker>>>;

  private constructor(
    index: HybridIndex,
    evidence: Evidence,
    { corpus, states }: EngineParts,
    rankers: Readonly<Partial<Record<Ranking, TreeRanker>>>,
    judged: number,
  ) {
    this.index = index;
    this.evidence = evidence;
    this.judged = judged;
    this.#corpus = corpus;
    this.#states = states;
    this.#rankers = rankers;
  }

  /**
   * With the rankers that will be asked: the one of all that is known always, the others to judge by.
   * Throws `conflict` where no click is left to learn the ranker from, `cancelled`.
   */
  static async build(
    parts: EngineParts,
    rankings: readonly Ranking[],
    context: TaskContext,
  ): Promise<SearchEngine> {
    const { data, corpus, states, clicks, judged, settings, seed } = parts;
    if (clicks.length === 0)
      throw new EtalonError('conflict', 'No click was kept for the ranker.', {
        remedy: 'Train with more clicks, or a larger --set validationShare.',
      });
    const tuning = joined(clicks.map(({ vector }) => vector));
    const index = await HybridIndex.build(corpus, states.documents, tuning, { settings, seed }, context);
    const evidence = new Evidence(data, corpus);
    const lists = await listsOf(index, evidence, [...clicks, ...judged], context);
    const all = await TreeRanker.fit(lists, seed, context);
    const fits: Readonly<Record<Ranking, () => Promise<TreeRanker>>> = {
      all: async () => all,
      withoutCosine: () => TreeRanker.fit({ ...lists, columns: lists.columns.slice(1) }, seed, context),
      ofClicks: async () =>
        judged.length === 0
          ? all
          : TreeRanker.fit(await listsOf(index, evidence, clicks, context), seed, context),
    };
    const rankers: Partial<Record<Ranking, TreeRanker>> = { all };
    for (const ranking of rankings) rankers[ranking] = await fits[ranking]();
    const results = judged.reduce((sum, { relevant }) => sum + relevant.size, 0);
    return new SearchEngine(index, evidence, parts, rankers, results);
  }

  /** Candidates of a query, found that way, best first by the ranker. */
  search(asked: Asked, vector: Float32Array, way: Way = 'hybrid', ranking: Ranking = 'all'): RankedDocuments {
    const found = this.index.find(asked.text, vector, way);
    const columns = columnsOf(this.evidence, asked, found);
    const ranker = this.#rankers[ranking];
    if (!ranker) throw new EtalonError('internal', `internal: the engine was built without "${ranking}"`);
    const scores = ranker.scores(ranking === 'withoutCosine' ? columns.slice(1) : columns);
    const order = Array.from(scores.keys()).sort(
      (a, b) => scores[b] - scores[a] || found.cosines[b] - found.cosines[a] || a - b,
    );
    return {
      ...found,
      documents: Int32Array.from(order, (i) => found.documents[i]),
      cosines: Float32Array.from(order, (i) => found.cosines[i]),
      scores: Float64Array.from(order, (i) => scores[i]),
    };
  }

  /** Scores of all documents for queries of the data: candidates by the ranker, then the others by their cosine or, of terms, last. */
  scorer(way: Way = 'hybrid', ranking: Ranking = 'all'): Scorer {
    const count = this.#corpus.texts[0].values.length;
    const all = Int32Array.from({ length: count }, (_, document) => document);
    return (queries) => {
      const scores = new Float32Array(queries.length * count);
      queries.forEach((query, i) => {
        const vector = this.vectorOf(query);
        if (way === 'terms') scores.fill(-RETRIEVED, i * count, (i + 1) * count);
        else scores.set(this.index.cosines(vector, all), i * count);
        const found = this.search(askedOf(this.#corpus, query), vector, way, ranking);
        found.documents.forEach((document, place) => {
          scores[i * count + document] = RETRIEVED + found.scores[place];
        });
      });
      return scores;
    };
  }

  vectorOf(query: number): Float32Array {
    return vectorOf(this.#states.queries, this.#corpus.queries.length, query);
  }
}

/** For each search what the hybrid retrieval finds, with what was judged; unjudged documents count as not relevant. */
async function listsOf(
  index: HybridIndex,
  evidence: Evidence,
  searches: readonly EmbeddedSearch[],
  context: TaskContext,
): Promise<JudgedLists> {
  const columns: number[][] = [];
  const relevant: number[] = [];
  const list: number[] = [];
  for (const [number, { asked, vector, relevant: judged }] of searches.entries()) {
    if (number % AT_ONCE === 0) {
      const stage = 'Collecting what the ranker learns from';
      context.report({ stage, done: number, total: searches.length, unit: 'queries' });
      throwIfCancelled(context.signal);
      await breathe();
    }
    const found = index.find(asked.text, vector, 'hybrid').documents;
    const documents = Int32Array.from(new Set([...found, ...judged.keys()]));
    const rows = columnsOf(evidence, asked, { documents, cosines: index.cosines(vector, documents) });
    rows.forEach((values, i) => {
      columns[i] ??= [];
      for (const value of values) columns[i].push(value);
    });
    for (const document of documents) {
      relevant.push(Number(judged.get(document) ?? false));
      list.push(number);
    }
  }
  return {
    columns: columns.map((values) => Float64Array.from(values)),
    relevant: Float64Array.from(relevant),
    list: Int32Array.from(list),
  };
}

/** The cosine first, then the other evidence. */
function columnsOf(
  evidence: Evidence,
  asked: Asked,
  { documents, cosines }: Pick<Candidates, 'documents' | 'cosines'>,
): Float64Array[] {
  return [Float64Array.from(cosines), ...evidence.of(asked, documents)];
}

function vectorOf(values: Float32Array, rows: number, row: number): Float32Array {
  const width = values.length / rows;
  return values.subarray(row * width, (row + 1) * width);
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0].length;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    all.set(row, i * width);
  });
  return all;
}
