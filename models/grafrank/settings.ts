import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

const yesNo = z.enum(['yes', 'no']);

/** Sizes, rates, margin and days are settings of ours, chosen in a few trials on networks of other seeds: docs/recommenders.md. */
export const grafrankSettings = z.strictObject({
  layers: z.number().int().min(1).max(4).default(1),
  width: z.number().int().min(2).max(256).default(32),
  embedding: z.number().int().min(2).max(1024).default(32),
  margin: z.number().positive().max(10).default(1),
  negatives: z.number().int().min(1).max(64).default(12),
  hardEpochs: z.number().int().min(0).max(1000).default(7),
  historyDays: z.number().int().min(1).max(3650).default(28),
  snapshotDays: z.number().int().min(1).max(365).default(7),
  recentEpochs: z.number().int().min(0).max(1000).default(4),
  past: yesNo.default('yes'),
  positions: z.number().int().min(0).max(256).default(64),
  closeness: z.number().min(0).max(100).default(2),
  halfLifeDays: z.number().min(0).max(36_500).default(280),
  score: z.enum(['nearness', 'states']).default('nearness'),
  dropout: z.number().min(0).max(0.9).default(0.5),
  profile: yesNo.default('yes'),
  interests: yesNo.default('yes'),
  friending: yesNo.default('yes'),
  engagement: yesNo.default('yes'),
  links: yesNo.default('yes'),
  fusion: z.enum(['attention', 'mean', 'none']).default('attention'),
  ...trainingSettings({ epochs: 8, learningRate: 0.001, batchPairs: 2048 }),
});
export type GrafrankSettings = z.output<typeof grafrankSettings>;

const LABELS: Record<keyof GrafrankSettings, SettingLabel> = {
  layers: { label: 'Layers', help: 'Rounds of messages between friends, in each modality.' },
  width: { label: 'Width', help: 'Numbers of a state between layers.' },
  embedding: {
    label: 'Embedding',
    help: 'Numbers of the last layer and of the fused state, which with the score of states is a user’s embedding.',
  },
  margin: { label: 'Margin', help: 'By how much a new friend should score above somebody who is none.' },
  negatives: { label: 'Negatives', help: 'Users that each new friend is compared with.' },
  hardEpochs: {
    label: 'Hard epochs',
    help: 'Last epochs, in which negatives are friends of friends instead of anybody.',
    unit: 'epochs',
  },
  historyDays: {
    label: 'Days learned from',
    help: 'Friendships of so many last days are learned, each from the network as it was when its day began.',
    unit: 'days',
  },
  snapshotDays: {
    label: 'Days of a snapshot',
    help: 'For so many days friendships are asked from one snapshot, that of the beginning of the first.',
    unit: 'days',
  },
  recentEpochs: {
    label: 'Recent epochs',
    help: 'Last epochs, in which friendships of the days learned from alone are asked for.',
    unit: 'epochs',
  },
  past: {
    label: 'Older friendships',
    help: 'Whether earlier epochs also ask for friendships from before those days, from the network as it is without them.',
  },
  positions: {
    label: 'Positions',
    help: 'Numbers that say where in the network of friends a user is, with the friending features; 0: none.',
  },
  closeness: {
    label: 'Closeness',
    help: 'How much more friends count for positions who have to do with each other: a friendship weighs 1 + closeness · log(1 + contacts in 28 days); 0: all alike.',
  },
  halfLifeDays: {
    label: 'Half-life of friendships',
    help: 'A friendship counts half as much for positions for every so many days of its age; 0: old ones count as much as new ones.',
    unit: 'days',
  },
  score: {
    label: 'Score',
    help: 'nearness: how near the positions of two users are, times how ready the network finds each for new friends; states: the product of the states, as published.',
  },
  dropout: { label: 'Dropout', help: 'Share of the values that training drops before each layer.' },
  profile: { label: 'Profile', help: 'Whether what users say of themselves is a modality.' },
  interests: {
    label: 'Interests',
    help: 'Whether topics and other counted or several-valued features are one.',
  },
  friending: { label: 'Friending', help: 'Whether friends and requests are one.' },
  engagement: { label: 'Engagement', help: 'Whether contacts between friends are one.' },
  links: {
    label: 'Link features',
    help: 'Whether messages carry what went on between the two friends, each way.',
  },
  fusion: {
    label: 'Fusion',
    help: 'attention: modalities are weighed for each user; mean: alike; none: one modality of all features together.',
  },
  ...trainingLabels,
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseGrafrankSettings = (given: Record<string, unknown>): GrafrankSettings =>
  parseSettings('grafrank', grafrankSettings, LABELS, given);

export const grafrankSettingInfos = settingInfos(grafrankSettings, LABELS);
