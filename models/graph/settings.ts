import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

export const TASKS = ['nodes', 'graphs', 'links', 'reconstruction'] as const;
export const CONVOLUTIONS = ['gcn', 'gat', 'sage', 'gin'] as const;
export type Convolution = (typeof CONVOLUTIONS)[number];

/** Usual values; which were tried, docs/recommenders.md says. */
export const graphSettings = z.strictObject({
  task: z.enum(TASKS).default('nodes'),
  label: z.string().default(''),
  graphs: z.string().default(''),
  convolution: z.enum(CONVOLUTIONS).default('gcn'),
  layers: z.number().int().min(1).max(8).default(2),
  width: z.number().int().min(2).max(512).default(32),
  dropout: z.number().min(0).max(0.9).default(0.3),
  states: z.enum(['features', 'learned']).default('features'),
  categories: z.number().int().min(1).max(10_000).default(512),
  readout: z.enum(['sum', 'mean', 'max']).default('sum'),
  loss: z.enum(['crossEntropy', 'bpr', 'mse']).default('crossEntropy'),
  negatives: z.number().int().min(1).max(64).default(1),
  variational: z.enum(['no', 'yes']).default('no'),
  infomax: z.number().min(0).max(100).default(0),
  batchGraphs: z.number().int().min(1).max(100_000).default(64),
  ...trainingSettings({ epochs: 150, learningRate: 0.01, batchPairs: 4096 }),
  patience: z.number().int().min(1).max(5000).default(30),
  validationShare: z.number().min(0).max(0.5).default(0.1),
});
export type GraphSettings = z.output<typeof graphSettings>;

const LABELS: Record<keyof GraphSettings, SettingLabel> = {
  task: {
    label: 'Task',
    help: 'nodes: the class of each node; graphs: the class of each graph; links: which edges are missing; reconstruction: the edges from the states of their ends (auto-encoder).',
  },
  label: {
    label: 'Label',
    help: 'Feature of the nodes that is the class; every node of a graph has that of the graph. Empty: the first categorical one.',
  },
  graphs: {
    label: 'Graphs',
    help: 'Feature of the nodes that names their graph. Empty: what hangs together is one (task graphs).',
  },
  convolution: {
    label: 'Convolution',
    help: 'gcn, gat, sage (mean of the neighbours), gin (their sum).',
  },
  layers: { label: 'Layers', help: 'Rounds of messages.' },
  width: { label: 'Width', help: 'Numbers of a state.' },
  dropout: { label: 'Dropout', help: 'Share of the values before each layer that training drops.' },
  states: {
    label: 'First states',
    help: 'features: what nodes are told by, so that new ones need no training; learned: a row of its own for each node beside them (not for graphs).',
  },
  categories: {
    label: 'Categories',
    help: 'Of a feature, at most so many, the most frequent, have a column.',
  },
  readout: { label: 'Read-out', help: 'How the states of its nodes become that of a graph.' },
  loss: {
    label: 'Loss of pairs',
    help: 'Of links and reconstruction: crossEntropy or mse of edge or none; bpr: an edge above a pair without.',
  },
  negatives: { label: 'Negatives', help: 'Pairs without an edge for each with one (links, reconstruction).' },
  variational: {
    label: 'Variational',
    help: 'States are drawn around a mean while training, with a normal prior (links, reconstruction).',
  },
  infomax: {
    label: 'Infomax',
    help: 'Weight of Deep Graph Infomax beside the loss: nodes told from those of shuffled features; not for graphs.',
  },
  batchGraphs: { label: 'Graphs in a batch', help: 'Graphs in one training step (graphs).', unit: 'graphs' },
  ...trainingLabels,
  epochs: { label: 'Epochs', help: 'Passes over what is learned from, at most.' },
  batchPairs: {
    label: 'Batch',
    help: 'Known edges in one training step (links, reconstruction). Of links they are hidden from messages in that step.',
    unit: 'pairs',
  },
  patience: {
    label: 'Patience',
    help: 'Epochs without a better validation before training ends.',
    unit: 'epochs',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the labelled nodes, of the graphs or of the edges that training leaves for validation.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export function parseGraphSettings(given: Record<string, unknown>): GraphSettings {
  return parseSettings('graph', graphSettings, LABELS, given);
}

export const graphSettingInfos = settingInfos(graphSettings, LABELS);
