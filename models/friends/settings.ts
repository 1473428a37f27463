import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

/** What the paper does not give is ours, chosen on the validation part of the sample network: see docs/recommenders.md. */
export const friendsSettings = z.strictObject({
  hidden: z.number().int().min(2).max(1024).default(64),
  width: z.number().int().min(2).max(512).default(64),
  similarity: z.enum(['cosine', 'dot']).default('cosine'),
  margin: z.number().min(0).max(10).default(0.3),
  negatives: z.number().int().min(1).max(4096).default(256),
  fanout: z.number().int().min(1).max(1000).default(10),
  supervision: z.enum(['latest', 'drawn']).default('latest'),
  supervisionShare: z.number().min(0.01).max(0.9).default(0.3),
  categories: z.number().int().min(1).max(10_000).default(512),
  regions: z.enum(['auto', 'none']).default('auto'),
  cellDegrees: z.number().min(0.5).max(90).default(30),
  activeDays: z.number().min(0).max(36_500).default(90),
  index: z.enum(['hnsw', 'exact']).default('hnsw'),
  seeds: z.number().int().min(0).max(100).default(5),
  seedBy: z.enum(['recent', 'closest']).default('recent'),
  candidates: z.number().int().min(1).max(10_000).default(200),
  rankerShare: z.number().min(0.01).max(0.5).default(0.1),
  rankerHidden: z.number().int().min(1).max(256).default(16),
  rankerNegatives: z.number().int().min(1).max(256).default(16),
  rankerEpochs: z.number().int().min(1).max(1000).default(30),
  threads: z.number().int().min(1).max(64).default(1),
  ...trainingSettings({ epochs: 6, learningRate: 0.005, batchPairs: 256 }),
});
export type FriendsSettings = z.output<typeof friendsSettings>;

const LABELS: Record<keyof FriendsSettings, SettingLabel> = {
  hidden: { label: 'Hidden width', help: 'Numbers of a state between the two layers.' },
  width: { label: 'Width', help: 'Numbers of an embedding.' },
  similarity: {
    label: 'Similarity',
    help: 'cosine: embeddings have length 1; dot: their length says something, such as how often somebody is asked.',
  },
  margin: { label: 'Margin', help: 'By how much a friend should score above somebody who is none.' },
  negatives: {
    label: 'Negatives',
    help: 'Users that all pairs of a batch are compared with: half friends of others in the batch, half drawn from the region.',
  },
  fanout: {
    label: 'Fan-out',
    help: 'Friends that each user draws messages from in training, in either layer.',
  },
  supervision: {
    label: 'Supervision',
    help: 'Which friendships supervise while the others carry messages: drawn anew for each epoch, or the latest ones.',
  },
  supervisionShare: { label: 'Supervising share', help: 'Share of the friendships that supervise.' },
  categories: {
    label: 'Categories',
    help: 'Of a feature, the most frequent ones that have a place of their own.',
  },
  regions: {
    label: 'Regions',
    help: 'auto: the index is split by a feature called region, country, market or continent, or else by cells of coordinates; none: one index.',
  },
  cellDegrees: { label: 'Cells', help: 'Size of the cells of coordinates.', unit: '°' },
  activeDays: {
    label: 'Active days',
    help: 'Only users who did anything in the last days are indexed; 0, or where no times are known: everyone.',
    unit: 'days',
  },
  index: { label: 'Index', help: 'hnsw: approximate; exact: every vector of the region is compared.' },
  seeds: {
    label: 'Seed friends',
    help: 'Friends whose embeddings are asked beside the user’s own; 0: none.',
  },
  seedBy: {
    label: 'Seed friends by',
    help: 'recent: who the user last had to do with; closest: who most often.',
  },
  candidates: { label: 'Candidates', help: 'From each source, for the ranker.', unit: 'users' },
  rankerShare: {
    label: 'Ranker’s share',
    help: 'Share of the known friendships, the last ones, that the ranker learns from and the embeddings do not.',
  },
  rankerHidden: { label: 'Ranker’s width', help: 'Hidden numbers of the ranker.' },
  rankerNegatives: { label: 'Ranker’s negatives', help: 'Candidates that each new friend is compared with.' },
  rankerEpochs: { label: 'Ranker’s epochs', help: 'Passes over the new friends.' },
  threads: { label: 'Producers', help: 'Threads that make batches while the device trains.' },
  ...trainingLabels,
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseFriendsSettings = (given: Record<string, unknown>): FriendsSettings =>
  parseSettings('friends', friendsSettings, LABELS, given);

export const friendsSettingInfos = settingInfos(friendsSettings, LABELS);
