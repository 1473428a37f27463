import type { RecommenderDefinition } from '@etalon/core/app/model';
import { STORY_BASELINES } from './stories/baselines.ts';
import { evaluateStories } from './stories/evaluate.ts';
import { exportStories } from './stories/exportOnnx.ts';
import { openStories } from './stories/open.ts';
import { trainRun } from './stories/run.ts';
import { parseStorySettings, storySettingInfos } from './stories/settings.ts';

/**
 * Ranks the stories of a viewer's friends by the affinity that edge-contextual graph convolutions predict (ELR: Tang et al., WSDM 2022).
 * It predicts values of pairs that are there, so it is judged by errors, not by what it finds.
 */
export const stories: RecommenderDefinition = {
  id: 'stories',
  predicts: 'items',
  settings: storySettingInfos,
  prefers: { edges: 'affinity', split: 'random' },
  sharedBy: 'Integrated gradients from usual features, without any link, to those that are.',
  baselines: STORY_BASELINES,
  parseSettings: (settings) => ({ ...parseStorySettings(settings) }),
  train: trainRun,
  evaluate: evaluateStories,
  open: openStories,
  exportOnnx: exportStories,
};
