import { EtalonError } from '@etalon/core/base';
import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

/** The article gives no value of any of them: all are ours, and few others were tried (docs/recommenders.md). */
export const foodSettings = z.strictObject({
  width: z.number().int().min(2).max(512).default(32),
  layers: z.number().int().min(1).max(3).default(2),
  fanout: z.number().int().min(1).max(1000).default(15),
  ratingPower: z.number().min(0).max(5).default(1),
  alphaNegative: z.number().min(0).max(100).default(1),
  alphaLowRank: z.number().min(0).max(100).default(0.2),
  marginNegative: z.number().min(0).max(2).default(0.5),
  marginLowRank: z.number().min(0).max(2).default(0.1),
  negatives: z.number().int().min(1).max(64).default(8),
  textBuckets: z.number().int().min(0).max(65_536).default(128),
  reachKm: z.number().min(0).max(1000).default(0),
  candidates: z.number().int().min(1).max(10_000).default(400),
  rankerNegatives: z.number().int().min(1).max(1000).default(50),
  straightKmh: z.number().positive().max(200).default(20),
  ...trainingSettings({ epochs: 10, learningRate: 0.01, batchPairs: 512 }),
  patience: z.number().int().min(1).max(5000).default(5),
  validationShare: z.number().min(0.02).max(0.5).default(0.1),
});
export type FoodSettings = z.output<typeof foodSettings>;

const LABELS: Record<keyof FoodSettings, SettingLabel> = {
  width: { label: 'Width', help: 'Numbers of an embedding in each of the two graphs.' },
  layers: {
    label: 'Layers',
    help: 'Rounds of messages between users and dishes, and users and restaurants.',
  },
  fanout: {
    label: 'Fan-out',
    help: 'Neighbours that each node draws messages from in training, in each layer, by the weights of their edges.',
  },
  ratingPower: {
    label: 'Power of ratings',
    help: 'An order counts (rating ÷ mean rating) to this power in the weight of its edge; 0: all orders alike. Unrated ones count 1.',
  },
  alphaNegative: {
    label: 'Weight of negatives',
    help: 'αₙ in the loss, of dishes that the user never ordered.',
  },
  alphaLowRank: {
    label: 'Weight of low-rank positives',
    help: 'αₗ in the loss, of dishes that the user ordered less.',
  },
  marginNegative: {
    label: 'Margin of negatives',
    help: 'Δₙ: by how much a dish ordered should score above one never ordered.',
  },
  marginLowRank: {
    label: 'Margin of low-rank positives',
    help: 'Δₗ < Δₙ: by how much a dish should score above one that the user ordered less.',
  },
  negatives: { label: 'Negatives', help: 'Dishes never ordered that each one ordered is compared with.' },
  textBuckets: {
    label: 'Text columns',
    help: 'Columns that the words of names are hashed into; 0: no texts.',
  },
  reachKm: {
    label: 'Reach',
    help: 'Candidates are no further from the place asked about; 0: as far as 99 of 100 known orders came.',
    unit: 'km',
  },
  candidates: {
    label: 'Candidates',
    help: 'The most similar dishes within reach that are ranked, beside what the user had before.',
    unit: 'dishes',
  },
  rankerNegatives: {
    label: 'Ranker’s negatives',
    help: 'Drawn dishes within reach that the ranker sees beside each one ordered.',
  },
  straightKmh: {
    label: 'Speed without roads',
    help: 'Minutes are straight distances at this speed where the project has no roads.',
    unit: 'km/h',
  },
  ...trainingLabels,
  patience: {
    ...trainingLabels.patience,
    help: 'Epochs without a better AUC of the similarity on validation before training ends.',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the orders, the last before the held-out ones, that end training and teach the ranker: the embeddings do not see them.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export function parseFoodSettings(given: Record<string, unknown>): FoodSettings {
  const settings = parseSettings('food', foodSettings, LABELS, given);
  if (settings.marginLowRank < settings.marginNegative) return settings;
  throw new EtalonError('usage', 'The margin of low-rank positives must be below that of negatives.', {
    where: { field: 'marginLowRank' },
    remedy: `Set marginLowRank below ${settings.marginNegative}.`,
  });
}

export const foodSettingInfos = settingInfos(foodSettings, LABELS);
