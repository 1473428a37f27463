import type { EtaModelDefinition } from '@etalon/core/app/model';
import { evaluateRun } from './eta/evaluate.ts';
import { exportRun } from './eta/exportOnnx.ts';
import { openRun } from './eta/open.ts';
import { trainRun } from './eta/run.ts';
import { etaSettingInfos, parseEtaSettings } from './eta/settings.ts';

/**
 * Travel times by graph network, after Derrow-Pinion et al., "ETA Prediction with Graph Neural Networks in Google Maps"
 * (CIKM 2021, arXiv 2108.11482): supersegments drawn in proportion to traffic, encode–process–decode graph networks over
 * them, losses on the whole traversal and on its segments, weights averaged for evaluation.
 */
export const etaModel: EtaModelDefinition = {
  id: 'eta',
  predicts: 'travelTimes',
  settings: etaSettingInfos,
  parseSettings: (settings) => ({ ...parseEtaSettings(settings) }),
  train: trainRun,
  evaluate: evaluateRun,
  open: openRun,
  exportOnnx: exportRun,
};
