import { BASELINES, evaluateGrafrank } from './grafrank/evaluate.ts';
import { grafrankSystem } from './grafrank/system.ts';
import { defineRecommender } from './recommend/define.ts';

/** Ranks who of friends' friends may become a friend. */
export const grafrank = defineRecommender({
  ...grafrankSystem,
  baselines: BASELINES,
  evaluate: evaluateGrafrank,
});
