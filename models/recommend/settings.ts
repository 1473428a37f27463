import { z } from 'zod';
import type { SettingLabel } from '../settingInfos.ts';

/** What every system that is trained by gradient descent can be told, with its own defaults. */
export interface TrainingSettings {
  epochs: number;
  patience: number;
  batchPairs: number;
  learningRate: number;
  weightDecay: number;
  clipNorm: number;
  averageDecay: number;
  validationShare: number;
}

export function trainingSettings(defaults: Pick<TrainingSettings, 'epochs' | 'learningRate' | 'batchPairs'>) {
  return {
    epochs: z.number().int().min(1).max(5000).default(defaults.epochs),
    patience: z.number().int().min(1).max(5000).default(20),
    batchPairs: z.number().int().min(1).max(1_000_000).default(defaults.batchPairs),
    learningRate: z.number().positive().max(1).default(defaults.learningRate),
    weightDecay: z.number().min(0).max(1).default(0),
    clipNorm: z.number().positive().default(10),
    averageDecay: z.number().min(0).max(0.99999).default(0.9),
    validationShare: z.number().min(0).max(0.5).default(0),
  };
}

export const trainingLabels: Record<keyof TrainingSettings, SettingLabel> = {
  epochs: { label: 'Epochs', help: 'Passes over the known pairs, at most.' },
  patience: {
    label: 'Patience',
    help: 'Epochs without a better NDCG@10 on validation before training ends.',
    unit: 'epochs',
  },
  batchPairs: { label: 'Batch', help: 'Known pairs in one training step.', unit: 'pairs' },
  learningRate: { label: 'Learning rate', help: 'Peak of the schedule.' },
  weightDecay: { label: 'Weight decay', help: 'Pull of the matrices to zero (AdamW).' },
  clipNorm: { label: 'Gradient clip', help: 'Largest global norm of a gradient.' },
  averageDecay: {
    label: 'Weight averaging',
    help: 'Share that the moving average of the weights keeps each step.',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of each user’s edges before the held-out ones that training leaves for validation; 0: it learns from all and ends after its epochs.',
  },
};
