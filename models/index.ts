import type { Models } from '@etalon/core/app/model';
import { etaModel } from './eta.ts';
import { speedsModel } from './speeds.ts';
import { stories } from './stories.ts';
import { walkthrough } from './walkthrough.ts';

/** Every model that the shells offer, by its id. */
export const models: Models = { eta: etaModel, speeds: speedsModel, stories, walkthrough };
export { type Ablation, ablations } from './eta/ablations.ts';
export { parseEtaSettings } from './eta/settings.ts';
export { etaModel };
