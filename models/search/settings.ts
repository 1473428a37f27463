import { z } from 'zod';
import { trainingLabels, trainingSettings } from '../recommend/settings.ts';
import { parseSettings, type SettingLabel, settingInfos } from '../settingInfos.ts';

/** `ours`: the paper does not give it. Chosen on validation days of the sample: see docs/recommenders.md. */
export const searchSettings = z.strictObject({
  /** Ours. */
  width: z.number().int().min(4).max(512).default(64),
  members: z.enum(['both', 'hard', 'random']).default('both'),
  /** Ours: the paper sets it by hand. */
  hardWeight: z.number().min(0).max(1).default(0.7),
  /** Ours: the paper says that it moves recall by 5–10 %, and no value. */
  margin: z.number().min(0).max(2).default(0.4),
  easyToHard: z.number().int().min(1).max(1000).default(100),
  onlineHard: z.number().int().min(0).max(10).default(2),
  offlineHard: z.number().int().min(0).max(1).default(1),
  /** Ours: the paper draws from ranks 101–500 of many more documents. */
  offlineFrom: z.number().int().min(1).max(100_000).default(1),
  offlineTo: z.number().int().min(1).max(100_000).default(30),
  hardEpochs: z.number().int().min(0).max(1000).default(6),
  hardPositives: z.number().min(0).max(10).default(1),
  letters: z.number().int().min(0).max(6).default(3),
  words: z.number().int().min(0).max(3).default(2),
  buckets: z.number().int().min(64).max(1_000_000).default(8192),
  social: z.enum(['yes', 'no']).default('yes'),
  socialWidth: z.number().int().min(2).max(256).default(32),
  socialLayers: z.number().int().min(1).max(3).default(1),
  /** Ours. */
  batchTies: z.number().int().min(16).max(100_000).default(512),
  place: z.enum(['yes', 'no']).default('yes'),
  candidates: z.number().int().min(1).max(10_000).default(100),
  clusters: z.number().int().min(1).max(65_536).default(64),
  pqBytes: z.number().int().min(1).max(256).default(16),
  nprobe: z.number().int().min(1).max(65_536).default(16),
  ...trainingSettings({ epochs: 7, learningRate: 0.01, batchPairs: 256 }),
  patience: z.number().int().min(1).max(5000).default(8),
  validationShare: z.number().min(0.02).max(0.5).default(0.1),
});
export type SearchSettings = z.output<typeof searchSettings>;

const LABELS: Record<keyof SearchSettings, SettingLabel> = {
  width: { label: 'Width', help: 'Numbers of an embedding, of each member of the ensemble.' },
  members: {
    label: 'Members',
    help: 'random: trained with random negatives alone; hard: with mined ones among them; both: an ensemble of the two.',
  },
  hardWeight: {
    label: 'Weight of the hard member',
    help: 'Its share of the cosine in the weighted concatenation; the other member has the rest.',
  },
  margin: {
    label: 'Margin',
    help: 'By how much the cosine of what was clicked should be above that of a negative.',
  },
  easyToHard: { label: 'Easy to hard', help: 'Random negatives for each hard one.' },
  onlineHard: {
    label: 'Online hard negatives',
    help: 'Of what others of the batch clicked the nearest so many to the query.',
  },
  offlineHard: {
    label: 'Offline hard negatives',
    help: '1: a document from the ranks below joins them, as the model of the last epoch ranks all documents; 0: none.',
  },
  offlineFrom: {
    label: 'Offline from rank',
    help: 'First rank that an offline hard negative is drawn from.',
  },
  offlineTo: { label: 'Offline to rank', help: 'Last rank that an offline hard negative is drawn from.' },
  hardEpochs: {
    label: 'Hard epochs',
    help: 'Epochs at the beginning with hard negatives alone: what is learned of them is carried over to the mixture.',
    unit: 'epochs',
  },
  hardPositives: {
    label: 'Hard positives',
    help: 'How much more a click counts on what the words of the query alone would not have found.',
  },
  letters: { label: 'Letters', help: 'Length of the n-grams of letters; 0: words alone.' },
  words: { label: 'Words', help: 'Longest n-gram of words; 0: letters alone.' },
  buckets: { label: 'Buckets', help: 'Rows of the table that n-grams are hashed into.' },
  social: {
    label: 'Social embeddings',
    help: 'Whether states of a graph network over friends and groups stand beside the texts.',
  },
  socialWidth: { label: 'Social width', help: 'Numbers of a social embedding.' },
  socialLayers: { label: 'Social layers', help: 'Rounds of messages between friends, groups and pages.' },
  batchTies: {
    label: 'Ties in a batch',
    help: 'Ties of the social graph that a step learns, each told from the others.',
    unit: 'ties',
  },
  place: { label: 'Place', help: 'Whether the places of searcher and document are known to the towers.' },
  candidates: {
    label: 'Candidates',
    help: 'How many documents lie within the radius of a query, in the median: the radius is chosen by it.',
    unit: 'documents',
  },
  clusters: { label: 'Clusters', help: 'Coarse clusters of the index.' },
  pqBytes: { label: 'Bytes of a code', help: 'Of a document in the index.' },
  nprobe: { label: 'Probed clusters', help: 'Clusters nearest to the query that are looked at.' },
  ...trainingLabels,
  patience: {
    ...trainingLabels.patience,
    help: 'Epochs without a better recall@10 on validation before training ends.',
  },
  validationShare: {
    label: 'Validation share',
    help: 'Share of the clicks, the last before the held-out ones, that end training, set the radius and teach the ranker.',
  },
};

/** Throws `usage` naming the setting, with what it may be. */
export const parseSearchSettings = (given: Record<string, unknown>): SearchSettings =>
  parseSettings('search', searchSettings, LABELS, given);

export const searchSettingInfos = settingInfos(searchSettings, LABELS);
