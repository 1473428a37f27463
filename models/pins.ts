import { evaluatePins, PIN_BASELINES } from './pins/evaluate.ts';
import { pinsSystem } from './pins/system.ts';
import { defineRecommender } from './recommend/define.ts';
import { openRun } from './recommend/open.ts';

export const pins = defineRecommender({
  ...pinsSystem,
  baselines: PIN_BASELINES,
  evaluate: (store, runId, context) =>
    evaluatePins(store, runId, context, (asked) => openRun(pinsSystem, store, runId, 'known', asked)),
});
