import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

/** Ours: the paper gives none. Regularisation and rate were chosen among nine tries on the sample's validation pairs. */
export const storySettings = z.strictObject({
  members: z.number().int().min(1).max(8).default(1),
  width: z.number().int().min(2).max(512).default(24),
  layers: z.number().int().min(0).max(4).default(2),
  messages: z.enum(['gated', 'edges', 'nodes']).default('gated'),
  intraEgo: z.enum(['attention', 'mean', 'none']).default('attention'),
  interEgo: z.enum(['mean', 'none']).default('mean'),
  edgeHead: z.enum(['yes', 'no']).default('yes'),
  links: z.enum(['product', 'linear']).default('product'),
  egoSize: z.number().int().min(1).max(1000).default(20),
  dropout: z.number().min(0).max(0.9).default(0.1),
  sparsity: z.number().min(0).max(10).default(0.003),
  windowDays: z.number().positive().max(3650).default(7),
  windows: z.number().int().min(1).max(52).default(3),
  mostWindows: z.number().int().min(1).max(200).default(12),
  ...trainingSettings({ epochs: 28, learningRate: 0.02, batchPairs: 2048 }),
  weightDecay: z.number().min(0).max(10).default(0.05),
  averageDecay: z.number().min(0).max(0.99999).default(0.95),
  validationShare: z.number().min(0).max(0.5).default(0),
});
export type StorySettings = z.output<typeof storySettings>;

const LABELS: Record<keyof StorySettings, SettingLabel> = {
  members: {
    label: 'Members',
    help: 'Networks of the same shape, trained side by side from starts of their own; their mean is the answer.',
  },
  width: { label: 'Width', help: 'Numbers of a user’s state and of a link’s.' },
  layers: { label: 'Layers', help: 'Rounds of messages between friends.' },
  messages: {
    label: 'Messages',
    help: 'edges: a message is the friend’s state and what is known of the two, as published; gated: the state also times numbers made of what is known of the two; nodes: the state alone (GraphSAGE).',
  },
  intraEgo: {
    label: 'Within egos',
    help: 'How links of the viewer to other friends and of other friends to the author count: by self-attention, all alike, or not at all.',
  },
  interEgo: {
    label: 'Between egos',
    help: 'Whether links from the viewer’s friends to the author’s friends count.',
  },
  edgeHead: {
    label: 'Pair at the end',
    help: 'Whether what is known of the pair enters the score once more by itself.',
  },
  links: {
    label: 'Links',
    help: 'What a link is made of: product: the two states, what is known of the two, and the product of the states; linear: without the product, as published.',
  },
  egoSize: {
    label: 'Ego size',
    help: 'Links of each kind around a pair, at most; of more, so many are drawn.',
    unit: 'links',
  },
  dropout: {
    label: 'Dropout',
    help: 'Share of the values that training drops: of users’ states before each layer, of relations and of what is known of the pair before the score.',
  },
  sparsity: {
    label: 'Sparsity',
    help: 'Penalty on the norm of each input column’s weights: the higher, the more columns are left out.',
  },
  windowDays: {
    label: 'Window',
    help: 'How long the time is that an affinity speaks of. What is known ends before it.',
    unit: 'days',
  },
  windows: {
    label: 'Windows back',
    help: 'Windows before, each with sums of its own among the features.',
    unit: 'windows',
  },
  mostWindows: {
    label: 'Windows learned from',
    help: 'The latest windows with affinities, at most.',
    unit: 'windows',
  },
  ...trainingLabels,
  patience: {
    label: 'Patience',
    help: 'Epochs without a lower squared error on validation before training ends.',
    unit: 'epochs',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the viewers, or of the affinities just before the held-out ones, that training leaves for validation.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseStorySettings = (given: Record<string, unknown>): StorySettings =>
  parseSettings('stories', storySettings, LABELS, given);

export const storySettingInfos = settingInfos(storySettings, LABELS);
