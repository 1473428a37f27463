import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

export const NEIGHBOURHOODS = ['walks', 'hops', 'none'] as const;
export type Neighbourhood = (typeof NEIGHBOURHOODS)[number];

/** Chosen on the validation part of the sample pins: see docs/recommenders.md. Walks, margin and ranks are not in the paper. */
export const pinsSettings = z.strictObject({
  neighbourhood: z.enum(NEIGHBOURHOODS).default('walks'),
  pooling: z.enum(['importance', 'mean']).default('importance'),
  neighbours: z.number().int().min(1).max(200).default(20),
  walks: z.number().int().min(1).max(10_000).default(200),
  walkSteps: z.number().int().min(1).max(100).default(3),
  restart: z.number().min(0).max(0.99).default(0.5),
  layers: z.number().int().min(1).max(4).default(2),
  messageWidth: z.number().int().min(2).max(4096).default(64),
  width: z.number().int().min(2).max(2048).default(64),
  textBuckets: z.number().int().min(0).max(65_536).default(256),
  textLetters: z.number().int().min(0).max(8).default(0),
  margin: z.number().min(0).max(2).default(0.1),
  negatives: z.number().int().min(1).max(10_000).default(500),
  hardMost: z.number().int().min(0).max(64).default(6),
  hardFrom: z.number().int().min(0).max(1_000_000).default(200),
  hardTo: z.number().int().min(1).max(1_000_000).default(600),
  hardWeight: z.number().min(0).max(100).default(0.1),
  warmUpEpochs: z.number().int().min(0).max(100).default(2),
  decayTo: z.number().min(0.0001).max(1).default(0.1),
  ...trainingSettings({ epochs: 10, learningRate: 0.01, batchPairs: 512 }),
});
export type PinsSettings = z.output<typeof pinsSettings>;

const LABELS: Record<keyof PinsSettings, SettingLabel> = {
  neighbourhood: {
    label: 'Neighbourhoods',
    help: 'walks: the pins that random walks visit most; hops: any pins that lie on boards of the pin; none: features of the pin alone.',
  },
  pooling: {
    label: 'Pooling',
    help: 'importance: neighbours count by how often walks visited them; mean: all alike.',
  },
  neighbours: { label: 'Neighbours', help: 'Pins in the neighbourhood of one, at most (T).' },
  walks: { label: 'Walks', help: 'Random walks from each pin.' },
  walkSteps: { label: 'Steps', help: 'Steps of a walk, each from a pin over a board to a pin.' },
  restart: { label: 'Restart', help: 'Chance before each step to go back to the start.' },
  layers: { label: 'Layers', help: 'Convolutions on top of each other (K).' },
  messageWidth: { label: 'Width of messages', help: 'Numbers that a neighbour sends (m).' },
  width: { label: 'Width', help: 'Numbers of a state (d).' },
  textBuckets: {
    label: 'Text columns',
    help: 'Columns that n-grams of a text are hashed into; 0: no texts.',
  },
  textLetters: {
    label: 'Letters',
    help: 'Length of n-grams of letters beside the words of texts; 0: words alone.',
  },
  margin: { label: 'Margin', help: 'By how much the pin saved next should score above a negative (Δ).' },
  negatives: { label: 'Negatives', help: 'Pins that all pairs of a batch share as negatives.' },
  hardMost: {
    label: 'Hard negatives',
    help: 'Hard negatives of each pair, at most: none in the first epoch, one more each epoch.',
  },
  hardFrom: {
    label: 'Hard from',
    help: 'Hard negatives are pins of this rank by personalised PageRank from the pin looked at …',
  },
  hardTo: { label: 'Hard to', help: '… up to this one.' },
  hardWeight: {
    label: 'Weight of hard negatives',
    help: 'What their mean hinge counts beside that of the shared negatives.',
  },
  warmUpEpochs: {
    label: 'Warm-up',
    help: 'Epochs in which the learning rate rises to its peak.',
    unit: 'epochs',
  },
  decayTo: {
    label: 'Decay to',
    help: 'Share of the peak that the learning rate falls to, by the same factor each step.',
  },
  ...trainingLabels,
};

/** Throws `usage` naming the setting, with what it may be. */
export const parsePinsSettings = (given: Record<string, unknown>): PinsSettings =>
  parseSettings('pins', pinsSettings, LABELS, given);

export const pinsSettingInfos = settingInfos(pinsSettings, LABELS);
