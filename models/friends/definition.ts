import type { RecommenderDefinition } from '@etalon/core/app/model';
import { evaluateFriends } from './evaluate.ts';
import { exportFriends } from './exportOnnx.ts';
import { openFriends } from './open.ts';
import { friendsSettingInfos, parseFriendsSettings } from './settings.ts';
import { trainFriends } from './train.ts';

/**
 * Friend retrieval by embeddings (Shi et al., *Embedding Based Retrieval in Friend Recommendation*, SIGIR 2023) beside friends of
 * friends, then a ranker; asked with the embeddings of a user's friends too (*Improving Embedding-Based Retrieval in Friend
 * Recommendation with ANN Query Expansion*, SIGIR 2024).
 */
export const friends: RecommenderDefinition = {
  id: 'friends',
  predicts: 'items',
  settings: friendsSettingInfos,
  parseSettings: (settings) => Object.fromEntries(Object.entries(parseFriendsSettings(settings))),
  prefers: { edges: 'friend', split: 'time' },
  baselines: {
    friendsOfFriends: 'Friends of friends',
    adamicAdar: 'Adamic–Adar',
    featuresOnly: 'Features alone',
  },
  train: trainFriends,
  open: openFriends,
  evaluate: evaluateFriends,
  exportOnnx: exportFriends,
};
