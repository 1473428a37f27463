import type { FeatureEncoding } from '@etalon/core/interactions';
import type { Prepared, RecommenderSystem } from '../recommend/system.ts';
import { ClickBatches } from './batches.ts';
import { askedEdges } from './corpus.ts';
import { documentFeed, queryFeed, type SearchInputs, searchInputs } from './inputs.ts';
import { membersOf, searchNetwork } from './network.ts';
import { parseSearchSettings, type SearchSettings, searchSettingInfos } from './settings.ts';

export interface PreparedSearch extends Prepared {
  readonly inputs: SearchInputs;
  readonly clicks: ClickBatches;
}

/** What validation raises. */
export const JUDGED_BY = 'recall@10';

export const searchSystem: RecommenderSystem<SearchSettings, PreparedSearch> = {
  id: 'search',
  settings: searchSettingInfos,
  prefers: { edges: 'clicked', split: 'time' },
  asks: ['text', 'place'],
  sharedBy:
    'Shapley values: of each pair of a part of the query and one of the document, whose product adds to the cosine, each has half.',
  docs: {
    'query.tokens': 'Rows of the table of n-grams, query after query.',
    'query.bags': 'Number of the query that each n-gram is of.',
    'query.weights': '1 / n-grams of the query.',
    searchers: 'Row of the document that is the searcher; 0 where it is not known.',
    searcherKnown: '1 where it is known who asks, else 0.',
    queryPlaces: 'Encoded place that is asked from.',
    documents: 'Row of each document that is embedded.',
    features: 'Encoded features of all documents; columns in the metadata "itemFeatures".',
    places: 'Encoded places of all documents.',
    nodeRows: 'Row of the learned social embedding of each document.',
  },
  questions(data, type) {
    const asked = askedEdges(data, type);
    return asked ? [asked.name] : [];
  },
  parseSettings: parseSearchSettings,
  prepare(known, type, settings, kept) {
    const inputs = searchInputs(known, type, settings, kept as FeatureEncoding | undefined);
    const every = (count: number) => Int32Array.from({ length: count }, (_, row) => row);
    const all = every(inputs.documents);
    return {
      inputs,
      clicks: new ClickBatches(known, type, inputs, settings),
      feed: {
        ...inputs.feed,
        ...(inputs.corpus.ties.length > 0 && settings.social === 'yes' && { nodeRows: all }),
        ...queryFeed(inputs, every(inputs.corpus.queries.length)),
        ...documentFeed(inputs, all),
      },
      kept: inputs.encoding,
      features: { users: null, items: { input: 'features', columns: inputs.columns } },
      edgeEnds: () => undefined,
    };
  },
  network: ({ inputs }, settings) => searchNetwork(inputs, settings),
  mines: (settings) => settings.offlineHard > 0 && membersOf(settings).includes('hard'),
  batches: ({ clicks }, settings, draw) => clicks.epoch(settings, draw),
  batchesPerEpoch: ({ clicks }, settings) => clicks.count(settings),
  validatedBy: JUDGED_BY,
};
