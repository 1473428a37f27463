import type { EtaModelDefinition } from '@etalon/core/app/model';
import { etaModel } from './eta.ts';

/** Every model that the shells offer, by its id. */
export const models: Record<string, EtaModelDefinition> = { eta: etaModel };
export { type Ablation, ablations } from './eta/ablations.ts';
export { parseEtaSettings } from './eta/settings.ts';
export { etaModel };
