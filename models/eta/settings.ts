import type { ApiSettingInfo } from '@etalon/core/api/contract';
import { META_DEFAULTS, OPTIMISERS } from '@etalon/core/train';
import { z } from 'zod';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

const SCHEDULES = ['cosine', 'exponential', 'constant'] as const;
const META_MODES = ['off', 'rate', 'rateAndWeights'] as const;

/**
 * What did best on validation days where the least of one error is all that is asked for and whole trips alone are timed: what lies
 * beside the road says nothing then, and members are worth more.
 */
const LEAST_ERROR = {
  folds: 14,
  members: 4,
  neighbourTurns: 0,
  epochs: 9,
  weightDecay: 0.3,
  teacherShare: 0.5,
} as const;

/**
 * What a preset changes of the defaults. `paper` is Derrow-Pinion et al. (2021): Huber on supersegments, segments and cumulative times
 * in shares of free flow, windows of traffic, embeddings, supersegments asked in order, MetaGradients, the auxiliary losses; `blog`
 * is DeepMind (2020): L1 + L2 on whole paths with Huber + NLL on segments. Neither publishes the weights: those are ours.
 */
const PRESETS = {
  default: {},
  paper: {
    traversalL1: 0,
    traversalL2: 0,
    traversalHuber: 1,
    cumulativeHuber: 1,
    nodeHuber: 1,
    nodeNll: 0,
    infomax: 0.01,
    autoEncoder: 0.01,
    errorScale: 'freeFlow',
    trafficWindows: 'on',
    segmentEmbedding: 16,
    supersegmentEmbedding: 64,
    routeBy: 'supersegments',
    metaGradients: 'rate',
  },
  blog: { traversalL1: 1, traversalL2: 1, nodeHuber: 1, nodeNll: 0.1, relativeExponent: 0 },
  mape: { ...LEAST_ERROR, traversalL1: 1, traversalL2: 0, relativeExponent: 1 },
  mae: { ...LEAST_ERROR, traversalL1: 0, traversalL2: 0, traversalLogHuber: 5, relativeExponent: 0 },
} as const;
type Preset = keyof typeof PRESETS;
const PRESET_NAMES = Object.keys(PRESETS) as [Preset, ...Preset[]];

/**
 * Settings of a run. Constants that Derrow-Pinion et al. (2021) do not publish (loss weights, Huber's δ, the moving
 * average's share, batch size, optimiser) are here with defaults of ours, chosen on validation days.
 */
export const etaSettings = z.strictObject({
  preset: z.enum(PRESET_NAMES).default('default'),
  epochs: z.number().int().min(1).max(500).default(4),
  patience: z.number().int().min(1).max(500).default(3),
  batchPaths: z.number().int().min(1).max(4096).default(64),
  members: z.number().int().min(1).max(8).default(1),
  hidden: z.number().int().min(4).max(512).default(32),
  processorSteps: z.number().int().min(1).max(8).default(2),
  segmentEmbedding: z.number().int().min(0).max(128).default(0),
  segmentEmbeddingDecay: z.number().min(0).max(10_000).default(300),
  supersegmentEmbedding: z.number().int().min(0).max(256).default(0),
  supersegments: z.number().int().min(1).max(1_000_000).default(2000),
  classEmbedding: z.number().int().min(1).max(64).default(4),
  optimiser: z.enum(OPTIMISERS).default('adamW'),
  momentum: z.number().min(0).max(0.9999).default(0.9),
  learningRate: z.number().positive().max(1).default(0.003),
  schedule: z.enum(SCHEDULES).default('cosine'),
  warmUpSteps: z.number().int().min(0).max(100_000).default(100),
  metaGradients: z.enum(META_MODES).default('off'),
  metaRate: z.number().positive().max(1).default(META_DEFAULTS.rate),
  metaWeightRate: z.number().positive().max(1).default(META_DEFAULTS.weightRate),
  metaTraceDecay: z.number().min(0).max(0.9999).default(META_DEFAULTS.traceDecay),
  weightDecay: z.number().min(0).max(1).default(1e-3),
  clipNorm: z.number().positive().default(1),
  averageDecay: z.number().min(0).max(0.99999).default(0.99),
  neighbourTurns: z.number().int().min(0).max(3).default(1),
  edges: z.enum(['on', 'off']).default('on'),
  trafficWindows: z.enum(['off', 'on']).default('off'),
  routeBy: z.enum(['whole', 'supersegments']).default('whole'),
  horizons: z.enum(['one', 'each']).default('one'),
  supersegmentLength: z.number().int().min(2).max(200).default(20),
  supersegmentShare: z.number().min(0).max(10).default(0.3),
  traversalL1: z.number().min(0).default(1),
  traversalL2: z.number().min(0).default(0.5),
  traversalHuber: z.number().min(0).default(0),
  traversalLogHuber: z.number().min(0).default(0),
  cumulativeHuber: z.number().min(0).default(0),
  nodeHuber: z.number().min(0).default(0.3),
  nodeNll: z.number().min(0).default(0.02),
  interval: z.enum(['gaussian', 'quantile']).default('gaussian'),
  intervalNll: z.number().min(0).default(0.05),
  intervalPinball: z.number().min(0).default(0.5),
  infomax: z.number().min(0).default(0),
  autoEncoder: z.number().min(0).default(0),
  huberDelta: z.number().positive().default(1),
  logHuberDelta: z.number().positive().default(0.2),
  errorScale: z.enum(['expected', 'freeFlow']).default('expected'),
  relativeExponent: z.number().min(0).max(1).default(0.2),
  folds: z.number().int().min(2).max(60).default(6),
  validationShare: z.number().min(0.02).max(0.5).default(0.15),
  refit: z.enum(['off', 'on']).default('off'),
  teacherShare: z.number().min(0).max(1).default(0),
});
export type EtaSettings = z.output<typeof etaSettings>;

const LABELS: Record<keyof EtaSettings, SettingLabel> = {
  preset: {
    label: 'Preset',
    help: 'Where the other settings start: paper and blog as published, mape and mae for the least of that error.',
  },
  epochs: { label: 'Epochs', help: 'Passes over the training paths, at most.' },
  patience: {
    label: 'Patience',
    help: 'Epochs without a better validation error before training ends.',
    unit: 'epochs',
  },
  batchPaths: { label: 'Batch', help: 'Paths in one training step.', unit: 'paths' },
  members: {
    label: 'Members',
    help: 'Networks of the same shape, trained side by side from starts of their own; their mean is the answer.',
  },
  hidden: { label: 'Hidden width', help: 'Width of edge, node and graph states.' },
  processorSteps: {
    label: 'Processor steps',
    help: 'Rounds of message passing between encoder and decoder.',
  },
  segmentEmbedding: {
    label: 'Segment embedding',
    help: 'Values learned for each segment; 0 leaves them out.',
  },
  segmentEmbeddingDecay: {
    label: 'Segment embedding decay',
    help: 'Multiplies weight decay for segment embeddings: segments seen seldom stay near zero.',
  },
  supersegmentEmbedding: {
    label: 'Supersegment embedding',
    help: 'Values learned for each supersegment of the catalogue; 0 leaves them out.',
  },
  supersegments: {
    label: 'Supersegments',
    help: 'Supersegments in the catalogue, drawn by walks along driven turns.',
  },
  classEmbedding: { label: 'Road-class embedding', help: 'Values learned for each road class.' },
  optimiser: {
    label: 'Optimiser',
    help: 'adamW, or adam with weight decay in the gradient, or sgd with Nesterov momentum.',
  },
  momentum: {
    label: 'Momentum',
    help: 'Share of the last step that sgd keeps; adam and adamW have their own.',
  },
  learningRate: { label: 'Learning rate', help: 'Peak of the schedule.' },
  schedule: {
    label: 'Schedule',
    help: 'After the warm-up: half a cosine or a constant factor, down to 2 %, or no change.',
  },
  warmUpSteps: {
    label: 'Warm-up',
    help: 'Steps in which the learning rate rises to its peak; an epoch at most.',
    unit: 'steps',
  },
  metaGradients: {
    label: 'MetaGradients',
    help: 'Learns a factor on the learning rate, or also the weights of the loss, from each next batch.',
  },
  metaRate: {
    label: 'Meta learning rate',
    help: 'How far MetaGradients move the learning rate in a step, as a share of it.',
  },
  metaWeightRate: {
    label: 'Meta rate of weights',
    help: 'How far MetaGradients move a weight of the loss in a step, as a share of it.',
  },
  metaTraceDecay: {
    label: 'Meta trace decay',
    help: 'How long MetaGradients look back: 0 to the last step, 0.998 over some 500.',
  },
  weightDecay: { label: 'Weight decay', help: 'Pull of the weights to zero (AdamW).' },
  clipNorm: { label: 'Gradient clip', help: 'Largest global norm of a gradient.' },
  averageDecay: {
    label: 'Weight averaging',
    help: 'Share that the moving average of the weights keeps each step.',
  },
  neighbourTurns: {
    label: 'Off-route neighbours',
    help: 'How many turns away from the route segments still enter the graph; 0: the route alone.',
    unit: 'turns',
  },
  edges: {
    label: 'Edges',
    help: 'off leaves all edges out, and what segments know of their neighbours (DeepSets): what the graph itself is worth.',
  },
  trafficWindows: {
    label: 'Traffic windows',
    help: 'on adds the paper’s 17 live windows of 2 minutes and 5 historical ones of 8 to each segment.',
  },
  routeBy: {
    label: 'Routes by',
    help: 'whole: a path is asked as a whole; supersegments: one after the other, each at the horizon reached so far.',
  },
  horizons: {
    label: 'Models by horizon',
    help: 'each: a network for each 10 minutes from departure to the start of a supersegment, up to 60; needs routeBy=supersegments.',
  },
  supersegmentLength: {
    label: 'Supersegment length',
    help: 'Segments in a sampled supersegment.',
    unit: 'segments',
  },
  supersegmentShare: {
    label: 'Supersegments per trip',
    help: 'Supersegments sampled for each trip, in proportion to traffic; needs seconds per segment.',
  },
  traversalL1: { label: 'Traversal L1', help: 'Weight of the absolute error of the whole path.' },
  traversalL2: { label: 'Traversal L2', help: 'Weight of the squared error of the whole path.' },
  traversalHuber: { label: 'Traversal Huber', help: 'Weight of the Huber loss of the whole path.' },
  traversalLogHuber: {
    label: 'Traversal log-Huber',
    help: 'Weight of the Huber loss of the log of the whole path’s time.',
  },
  cumulativeHuber: {
    label: 'Cumulative Huber',
    help: 'Weight of the Huber loss of times from the start to places on the path; needs seconds per segment.',
  },
  nodeHuber: { label: 'Segment Huber', help: 'Weight of the Huber loss of each segment with known seconds.' },
  nodeNll: {
    label: 'Segment NLL',
    help: 'Weight of the Gaussian likelihood of each segment with known seconds.',
  },
  interval: {
    label: 'Interval by',
    help: 'gaussian: a deviation of the log; quantile: a head each for the 10 % and the 90 % quantile. Both are calibrated.',
  },
  intervalNll: {
    label: 'Interval NLL',
    help: 'Weight of the likelihood that shapes the 80 % interval of interval=gaussian.',
  },
  intervalPinball: {
    label: 'Interval pinball',
    help: 'Weight of the pinball loss that shapes the 80 % interval of interval=quantile.',
  },
  infomax: {
    label: 'Deep Graph Infomax',
    help: 'Weight of the auxiliary loss that tells real graphs from shuffled ones.',
  },
  autoEncoder: {
    label: 'Graph auto-encoder',
    help: 'Weight of the auxiliary loss that rebuilds the edges from the states of the nodes.',
  },
  huberDelta: {
    label: 'Huber δ',
    help: 'Error, in shares of the expected seconds, beyond which Huber is linear.',
  },
  logHuberDelta: {
    label: 'Log-Huber δ',
    help: 'Log ratio of predicted to observed beyond which the log-Huber loss is linear.',
  },
  errorScale: {
    label: 'Error scale',
    help: 'What errors are shares of: freeFlow as in the paper, or expected with the exponent below.',
  },
  relativeExponent: {
    label: 'Relative error',
    help: '1: errors count as shares of the trip’s time (lowers MAPE); 0: as seconds (lowers MAE).',
  },
  folds: {
    label: 'Cross-fitting blocks',
    help: 'Blocks of days for which segment models are fitted to the others: more where trips are few.',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the last training days kept for validation.',
  },
  refit: {
    label: 'Refit on all days',
    help: 'on trains anew on all days, those for validation too, for as many epochs as did best.',
  },
  teacherShare: {
    label: 'Teacher',
    help: 'Share of each training time that boosted trees say that learned from other days; 0: what was observed alone.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseEtaSettings = (given: Record<string, unknown>): EtaSettings =>
  parseSettings('eta', etaSettings, LABELS, given, PRESETS);

export const etaSettingInfos: readonly ApiSettingInfo[] = settingInfos(etaSettings, LABELS, PRESETS);
