import type { ApiSettingInfo } from '@etalon/core/api/contract';
import { z } from 'zod';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

/** Settings of a run; defaults are first guesses that did well enough, not the outcome of a search. */
export const speedSettings = z.strictObject({
  horizons: z.enum(['15,30,60', '5,15,30,60', '10,20,30,40,50,60', '30,60,120']).default('15,30,60'),
  stepMinutes: z.number().int().min(0).max(60).default(0),
  historyMinutes: z.number().int().min(5).max(240).default(60),
  epochs: z.number().int().min(1).max(500).default(8),
  patience: z.number().int().min(1).max(500).default(4),
  batchWindows: z.number().int().min(1).max(1024).default(8),
  windowShare: z.number().positive().max(1).default(0.5),
  hidden: z.number().int().min(4).max(512).default(32),
  processorSteps: z.number().int().min(1).max(8).default(2),
  neighbours: z.number().int().min(0).max(64).default(8),
  segmentEmbedding: z.number().int().min(0).max(128).default(8),
  learningRate: z.number().positive().max(1).default(0.003),
  warmUpSteps: z.number().int().min(0).max(100_000).default(50),
  weightDecay: z.number().min(0).max(1).default(0.001),
  clipNorm: z.number().positive().default(1),
  averageDecay: z.number().min(0).max(0.99999).default(0.99),
  l1: z.number().min(0).default(1),
  huber: z.number().min(0).default(0),
  huberDelta: z.number().positive().default(0.5),
  intervalNll: z.number().min(0).default(0.1),
  validationShare: z.number().min(0.02).max(0.5).default(0.15),
});
export type SpeedSettings = z.output<typeof speedSettings>;

const LABELS: Record<keyof SpeedSettings, SettingLabel> = {
  horizons: { label: 'Horizons', help: 'How far ahead speeds are forecast, in minutes.', unit: 'min' },
  stepMinutes: {
    label: 'Step',
    help: 'Observations are averaged over so long; 0: the most frequent interval among them.',
    unit: 'min',
  },
  historyMinutes: { label: 'History', help: 'How far back the model sees speeds.', unit: 'min' },
  epochs: { label: 'Epochs', help: 'Passes over the training windows, at most.' },
  patience: {
    label: 'Patience',
    help: 'Epochs without a better validation error before training ends.',
    unit: 'epochs',
  },
  batchWindows: { label: 'Batch', help: 'Moments in one training step.', unit: 'windows' },
  windowShare: {
    label: 'Share of windows',
    help: 'Share of the moments that an epoch draws: neighbouring ones say nearly the same.',
  },
  hidden: { label: 'Width', help: 'Width of edge, node and graph states.' },
  processorSteps: {
    label: 'Processor steps',
    help: 'Rounds of message passing between encoder and decoder.',
  },
  neighbours: {
    label: 'Neighbours',
    help: 'Nearest segments that lead to each segment in the graph, at most.',
  },
  segmentEmbedding: {
    label: 'Segment embedding',
    help: 'Values learned for each segment; 0 leaves them out.',
  },
  learningRate: { label: 'Learning rate', help: 'Peak of the schedule.' },
  warmUpSteps: {
    label: 'Warm-up',
    help: 'Steps in which the learning rate rises to its peak; an epoch at most.',
    unit: 'steps',
  },
  weightDecay: { label: 'Weight decay', help: 'Pull of the weights to zero (AdamW).' },
  clipNorm: { label: 'Gradient clip', help: 'Largest global norm of a gradient.' },
  averageDecay: {
    label: 'Weight averaging',
    help: 'Share that the moving average of the weights keeps each step.',
  },
  l1: { label: 'L1', help: 'Weight of the absolute error.' },
  huber: { label: 'Huber', help: 'Weight of the Huber loss.' },
  huberDelta: {
    label: 'Huber δ',
    help: 'Error, in standard deviations of the speeds around their history, beyond which Huber is linear.',
  },
  intervalNll: { label: 'Interval NLL', help: 'Weight of the likelihood that shapes the 80 % interval.' },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the last training days kept for validation.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseSpeedSettings = (given: Record<string, unknown>): SpeedSettings =>
  parseSettings('speeds', speedSettings, LABELS, given);

export const speedSettingInfos: readonly ApiSettingInfo[] = settingInfos(speedSettings, LABELS);

/** The horizons in minutes, ascending. */
export const horizonMinutes = ({ horizons }: Pick<SpeedSettings, 'horizons'>): number[] =>
  horizons.split(',').map(Number);
