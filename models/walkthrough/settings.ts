import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

export const CONVOLUTIONS = ['lightgcn', 'gcn', 'gat', 'sage', 'edge'] as const;
export type Convolution = (typeof CONVOLUTIONS)[number];

/** Chosen on the validation part of ml-100k: see docs/recommenders.md. */
export const walkthroughSettings = z.strictObject({
  convolution: z.enum(CONVOLUTIONS).default('lightgcn'),
  layers: z.number().int().min(1).max(6).default(2),
  width: z.number().int().min(2).max(512).default(64),
  users: z.enum(['learned', 'fromItems']).default('learned'),
  similarity: z.enum(['dot', 'cosine']).default('dot'),
  loss: z.enum(['softmax', 'bpr', 'maxMargin']).default('softmax'),
  margin: z.number().min(0).max(2).default(0.3),
  temperature: z.number().positive().max(10).default(0.2),
  negatives: z.number().int().min(1).max(64).default(1),
  negativesAlpha: z.number().min(0).max(2).default(0),
  halfLife: z.number().min(0).max(100_000).default(10),
  lossHalfLife: z.number().min(0).max(100_000).default(20),
  features: z.enum(['yes', 'no']).default('yes'),
  penalty: z.number().min(0).max(10).default(0.01),
  ...trainingSettings({ epochs: 35, learningRate: 0.1, batchPairs: 131_072 }),
});
export type WalkthroughSettings = z.output<typeof walkthroughSettings>;

const LABELS: Record<keyof WalkthroughSettings, SettingLabel> = {
  convolution: {
    label: 'Convolution',
    help: 'How states spread over the graph of users and items.',
  },
  layers: { label: 'Layers', help: 'Rounds of messages between users and items.' },
  width: { label: 'Width', help: 'Numbers of a state.' },
  users: {
    label: 'Users',
    help: 'learned: each user has a first state of its own; fromItems: states of users come from features and from what they took alone, so that new users are as good as old ones.',
  },
  similarity: {
    label: 'Similarity',
    help: 'Score of a user and an item: inner product of their states, or cosine.',
  },
  loss: {
    label: 'Loss',
    help: 'bpr: logistic loss of the difference of two scores; maxMargin: hinge of it, with a margin.',
  },
  margin: {
    label: 'Margin',
    help: 'By how much an item taken should score above one that was not (maxMargin).',
  },
  temperature: { label: 'Temperature', help: 'Cosines are divided by it in the loss bpr.' },
  negatives: { label: 'Negatives', help: 'Items not taken that each one taken is compared with.' },
  negativesAlpha: {
    label: 'Popularity of negatives',
    help: 'Negatives are drawn by their number of edges to this power; 0: all alike.',
  },
  lossHalfLife: {
    label: 'Half-life in the loss',
    help: 'The same for what the loss asks for: what users took last says most of what they take next.',
    unit: 'items',
  },
  halfLife: {
    label: 'Half-life',
    help: 'Messages between a user and an item of LightGCN count half as much for each so many items that the user took since; 0: all alike.',
    unit: 'items',
  },
  features: { label: 'Features', help: 'Whether features of users and items enter their first states.' },
  penalty: { label: 'Penalty', help: 'Factor of the mean squared norm of learned embeddings in the loss.' },
  ...trainingLabels,
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseWalkthroughSettings = (given: Record<string, unknown>): WalkthroughSettings =>
  parseSettings('walkthrough', walkthroughSettings, LABELS, given);

export const walkthroughSettingInfos = settingInfos(walkthroughSettings, LABELS);
