import { evaluateRanking } from '@etalon/core/interactions';
import { dotScorer } from '../recommend/scorer.ts';
import type { Prepared, RecommenderSystem } from '../recommend/system.ts';
import { Surroundings } from './around.ts';
import { FriendshipBatches } from './batches.ts';
import { type Encodings, SocialHistory } from './history.ts';
import { grafrankEncoder, rankingNetwork } from './network.ts';
import { type GrafrankSettings, grafrankSettingInfos, parseGrafrankSettings } from './settings.ts';
import { neighbourhoodTask } from './task.ts';

export interface PreparedHistory extends Prepared {
  history: SocialHistory;
  batches: FriendshipBatches;
}

/**
 * GraFRank (Sankar, Liu, Yu, Shah: Graph Neural Networks for Friend Ranking in Large-scale Social Platforms, WWW 2021): features of
 * four modalities and of links, in snapshots of each day; attention over friends in each modality, fusion of modalities, a pairwise
 * margin loss on the friendships of the day, random negatives first and hard ones from the neighbourhood after.
 */
export const grafrankSystem: RecommenderSystem<GrafrankSettings, PreparedHistory> = {
  id: 'grafrank',
  mutual: true,
  prefers: { edges: 'friend', split: 'time' },
  settings: grafrankSettingInfos,
  sharedBy:
    'Integrated gradients from no interaction and no feature to all of them; the two alone are as near as they are in the network.',
  docs: {
    features: 'Features of each user, modality by modality; columns in the metadata "userFeatures".',
    positions: 'Where in the network of friends each user is, see `spectralPositions`.',
    links: 'What went on between the two friends of each edge, from its sender and to it.',
  },
  parseSettings: parseGrafrankSettings,
  prepare(known, type, settings, kept) {
    const history = new SocialHistory(known, type, settings, kept as Encodings | undefined);
    const { feed } = history.now();
    const { fromRows, toRows } = history.edges;
    const columns = history.modalities.flatMap((modality) => modality.columns);
    const features = { input: 'features', columns };
    let surroundings: Surroundings | undefined;
    return {
      history,
      batches: new FriendshipBatches(history, settings),
      feed,
      kept: history.encodings,
      features: { users: features, items: features },
      edgeEnds: (edge) => ({ user: toRows[edge], item: fromRows[edge] }),
      around(user, item) {
        surroundings ??= new Surroundings(feed, history.users, settings.layers);
        return surroundings.of(user, item);
      },
    };
  },
  network: ({ history }, settings) =>
    rankingNetwork(history, settings, (layout) => grafrankEncoder(layout, history, settings)),
  batches: ({ batches }, _settings, draw) => batches.epoch(draw),
  batchesPerEpoch: ({ batches }) => batches.count,
  async validate({ history }, outputs, _settings, { train, validation }) {
    const task = neighbourhoodTask(validation!, train, history.edges.name);
    const { figures } = await evaluateRanking(dotScorer(outputs, task.items), task);
    const shown = ['mrr', 'ndcg@10', 'hit@10'].map((name) => [`val ${name}`, figures[name].value] as const);
    return { score: -figures.mrr.value, metrics: Object.fromEntries(shown) };
  },
};
