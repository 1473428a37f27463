import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { InteractionData, Scorer } from '@etalon/core/interactions';
import type { Corpus } from './corpus.ts';
import { type Asked, askedOf, Evidence } from './evidence.ts';
import { type Judgement, judgementsOf } from './feedback.ts';
import { type Candidates, HybridIndex, WAYS, type Way } from './hybridIndex.ts';
import { type JudgedLists, Ranker } from './ranker.ts';
import type { SearchSettings } from './settings.ts';

/** Above every cosine: candidates stand before what was not retrieved. */
const RETRIEVED = 10;
/** Name of the column of the ranker that the embedding is. */
export const COSINE = 'cosine';
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

/** Whether the ranker knows the cosine. */
export type Ranking = 'withCosine' | 'withoutCosine';

export interface EngineParts {
  data: InteractionData;
  corpus: Corpus;
  states: SearchStates;
  settings: SearchSettings;
  seed: number;
  /** Clicks that the towers did not see: the ranker learns from them. */
  clicks: readonly Judgement[];
  /** Queries whose judgements are not learned from. */
  isAsked?: (query: number) => boolean;
}

/** Everything between a query and its results: index, candidates, ranker. */
export class SearchEngine {
  readonly index: HybridIndex;
  readonly evidence: Evidence;
  /** Judged results that the ranker learned from beside clicks. */
  readonly judged: number;
  readonly #corpus: Corpus;
  readonly #states: SearchStates;
  readonly #rankers: Readonly<Record<Ranking, Ranker>>;

  private constructor(
    index: HybridIndex,
    evidence: Evidence,
    { corpus, states }: EngineParts,
    rankers: Readonly<Record<Ranking, Ranker>>,
    judged: number,
  ) {
    this.index = index;
    this.evidence = evidence;
    this.judged = judged;
    this.#corpus = corpus;
    this.#states = states;
    this.#rankers = rankers;
  }

  /** Throws `conflict` where no click is left to learn the ranker from, `cancelled`. */
  static async build(parts: EngineParts, context: TaskContext): Promise<SearchEngine> {
    const { data, corpus, states, clicks, settings, seed, isAsked } = parts;
    if (clicks.length === 0)
      throw new EtalonError('conflict', 'No click was kept for the ranker.', {
        remedy: 'Train with more clicks, or a larger --set validationShare.',
      });
    const rowOf = (query: number) => vectorOf(states.queries, corpus.queries.length, query);
    const tuning = joined([...new Set(clicks.map(({ query }) => query))].map(rowOf));
    const index = await HybridIndex.build(corpus, states.documents, tuning, { settings, seed }, context);
    const evidence = new Evidence(data, corpus);
    const judged = judgementsOf(data, corpus).filter(({ query }) => !isAsked?.(query));
    const lists = await listsOf({ index, evidence, corpus, rowOf }, [...clicks, ...judged], context);
    const rankers = {
      withCosine: await Ranker.fit(lists, seed, context),
      withoutCosine: await Ranker.fit({ ...lists, columns: lists.columns.slice(1) }, seed, context),
    };
    return new SearchEngine(index, evidence, parts, rankers, judged.length);
  }

  /** Candidates of a query, found that way, best first by the ranker. */
  search(
    asked: Asked,
    vector: Float32Array,
    way: Way = 'hybrid',
    ranking: Ranking = 'withCosine',
  ): RankedDocuments {
    const found = this.index.find(asked.text, vector, way);
    const columns = columnsOf(this.evidence, asked, found);
    const scores = this.#rankers[ranking].scores(ranking === 'withCosine' ? columns : columns.slice(1));
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
  scorer(way: Way = 'hybrid', ranking: Ranking = 'withCosine'): Scorer {
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

export { WAYS };

interface Finding {
  index: HybridIndex;
  evidence: Evidence;
  corpus: Corpus;
  rowOf(query: number): Float32Array;
}

/** For each query of the judgements what the hybrid retrieval finds, with what was judged; unjudged documents count as not relevant. */
async function listsOf(
  { index, evidence, corpus, rowOf }: Finding,
  judgements: readonly Judgement[],
  context: TaskContext,
): Promise<JudgedLists> {
  const byQuery = Map.groupBy(judgements, ({ query }) => query);
  const columns: number[][] = [];
  const relevant: number[] = [];
  const list: number[] = [];
  let number = 0;
  for (const [query, own] of byQuery) {
    if (number % AT_ONCE === 0) {
      context.report({
        stage: 'Collecting what the ranker learns from',
        done: number,
        total: byQuery.size,
        unit: 'queries',
      });
      throwIfCancelled(context.signal);
      await breathe();
    }
    const asked = askedOf(corpus, query);
    const vector = rowOf(query);
    const judged = new Map(own.map(({ document, relevant: is }) => [document, is]));
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
    number++;
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
