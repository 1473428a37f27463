import type { ModelDefinition } from '@etalon/core/app/model';
import { etaModel } from './eta.ts';
import { speedsModel } from './speeds.ts';

/** Every model that the shells offer, by its id. */
export const models: Record<string, ModelDefinition> = { eta: etaModel, speeds: speedsModel };
export { type Ablation, ablations } from './eta/ablations.ts';
export { parseEtaSettings } from './eta/settings.ts';
export { etaModel };
