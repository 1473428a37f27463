import type { Feed } from '@etalon/core/device';
import {
  type CoordinateColumn,
  type FeatureEncoding,
  featureMatrix,
  fitFeatures,
  type InteractionData,
  type NgramOptions,
  placeFeatures,
  type TokenBags,
  takeBags,
  tokenBags,
} from '@etalon/core/interactions';
import { type Corpus, corpusOf } from './corpus.ts';
import type { SearchSettings } from './settings.ts';

/** Distances at which places are told apart (ours). */
const PLACES = { scalesKm: [5, 30, 150], perScale: 16, seed: 11 };
const NGRAM_SEED = 5;

/** The data as the towers take them. */
export interface SearchInputs {
  readonly corpus: Corpus;
  readonly documents: number;
  readonly encoding: FeatureEncoding;
  readonly columns: readonly string[];
  /** Numbers of a place; 0 without places. */
  readonly placeWidth: number;
  readonly queryBags: TokenBags;
  /** By text of the documents, in the order of the corpus. */
  readonly documentBags: readonly TokenBags[];
  /** [queries · placeWidth] of the searchers. */
  readonly queryPlaces: Float32Array;
  /** Features, places and ties of all documents: the same for every batch. */
  readonly feed: Feed;
}

export function ngramOptions({ letters, words, buckets }: SearchSettings): NgramOptions {
  return { letters: letters > 0 ? [letters] : [], words, buckets, seed: NGRAM_SEED };
}

/** @param encoding of the features as training fitted them; left out: fitted to these data. */
export function searchInputs(
  data: InteractionData,
  type: string,
  settings: SearchSettings,
  encoding?: FeatureEncoding,
): SearchInputs {
  const corpus = corpusOf(data, type);
  const { features, count } = data.nodes(corpus.documentType);
  const fitted = encoding ?? fitFeatures(features);
  const matrix = featureMatrix(fitted, features, count);
  const grams = ngramOptions(settings);
  const places = settings.place === 'yes' && corpus.places ? placesOf(corpus.places) : null;
  const placeWidth = places?.names.length ?? 0;
  return {
    corpus,
    documents: count,
    encoding: fitted,
    columns: matrix.names,
    placeWidth,
    queryBags: tokenBags(corpus.queries, grams),
    documentBags: corpus.texts.map(({ values }) => tokenBags(values, grams)),
    queryPlaces: rowsOf(places?.values ?? new Float32Array(0), placeWidth, corpus.searchers),
    feed: {
      features: matrix.values,
      ...(places && { places: places.values }),
      ...(settings.social === 'yes' && tiesFeed(data, corpus.ties)),
    },
  };
}

/** Numbers of some places, see `placeFeatures`. */
export function placesOf(places: Pick<CoordinateColumn, 'longitude' | 'latitude'>) {
  return placeFeatures(places, PLACES);
}

/** What a tie is called in the direction of its edges and against it. */
export function tieRelations(ties: readonly string[]): string[] {
  return ties.flatMap((tie) => [tie, `${tie} back`]);
}

function tiesFeed(data: InteractionData, ties: readonly string[]): Feed {
  return Object.fromEntries(
    ties.flatMap((tie) => {
      const { fromRows, toRows } = data.edges(tie);
      return [
        [`senders/${tie}`, toRows],
        [`receivers/${tie}`, fromRows],
        [`senders/${tie} back`, fromRows],
        [`receivers/${tie} back`, toRows],
      ];
    }),
  );
}

/** Rows of a matrix; zeros for row −1. */
export function rowsOf(values: Float32Array, width: number, rows: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    if (row >= 0) taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return taken;
}

/** Queries as the query tower takes them. */
export function queryFeed(inputs: SearchInputs, queries: Int32Array): Feed {
  const { corpus, queryBags, queryPlaces, placeWidth } = inputs;
  return askedFeed(inputs, {
    bags: takeBags(queryBags, queries),
    searchers: queries.map((query) => corpus.searchers[query]),
    places: rowsOf(queryPlaces, placeWidth, queries),
  });
}

/** The same of texts, searchers and places that may be in no data set. */
export function askedFeed(
  { placeWidth }: SearchInputs,
  { bags, searchers, places }: { bags: TokenBags; searchers: Int32Array; places: Float32Array },
): Feed {
  return {
    ...bagFeed('query', bags),
    searchers: searchers.map((row) => Math.max(0, row)),
    searcherKnown: Float32Array.from(searchers, (row) => (row >= 0 ? 1 : 0)),
    ...(placeWidth > 0 && { queryPlaces: places }),
  };
}

/** Documents as the document tower takes them. */
export function documentFeed({ documentBags }: SearchInputs, documents: Int32Array): Feed {
  const texts = documentBags.map((bags, i) => bagFeed(`text${i}`, takeBags(bags, documents)));
  return Object.assign({ documents }, ...texts);
}

function bagFeed(name: string, { tokens, bags, weights }: TokenBags): Feed {
  return { [`${name}.tokens`]: tokens, [`${name}.bags`]: bags, [`${name}.weights`]: weights };
}
