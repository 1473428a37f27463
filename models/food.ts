import type { RecommenderDefinition } from '@etalon/core/app/model';
import { evaluateFood, FOOD_BASELINES } from './food/evaluate.ts';
import { openFood } from './food/open.ts';
import { foodSystem } from './food/system.ts';
import { defineRecommender } from './recommend/define.ts';

/** Embeddings are trained as any system's are; what is asked and judged goes through candidates, ranker and delivery minutes. */
export const food: RecommenderDefinition = {
  ...defineRecommender(foodSystem),
  baselines: FOOD_BASELINES,
  open: openFood,
  evaluate: evaluateFood,
};
