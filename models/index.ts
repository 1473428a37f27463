import type { Models } from '@etalon/core/app/model';
import { etaModel } from './eta.ts';
import { food } from './food.ts';
import { friends } from './friends.ts';
import { grafrank } from './grafrank.ts';
import { graph } from './graph.ts';
import { pins } from './pins.ts';
import { search } from './search.ts';
import { speedsModel } from './speeds.ts';
import { stories } from './stories.ts';
import { walkthrough } from './walkthrough.ts';

/** Every model that the shells offer, by its id. */
export const models: Models = {
  eta: etaModel,
  speeds: speedsModel,
  walkthrough,
  friends,
  grafrank,
  search,
  pins,
  stories,
  graph,
  food,
};
export { type Ablation, ablations } from './eta/ablations.ts';
export { parseEtaSettings } from './eta/settings.ts';
export { etaModel };
