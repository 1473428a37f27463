import type { RecommenderDefinition } from '@etalon/core/app/model';
import { defineRecommender } from './recommend/define.ts';
import { evaluateSearch, SEARCH_BASELINES } from './search/evaluate.ts';
import { openSearch } from './search/open.ts';
import { searchSystem } from './search/system.ts';

/** Two towers are trained as any system is; what is asked, judged and answered goes through index and ranker. */
export const search: RecommenderDefinition = {
  ...defineRecommender(searchSystem),
  baselines: SEARCH_BASELINES,
  open: openSearch,
  evaluate: evaluateSearch,
};
