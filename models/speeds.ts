import type { ModelDefinition } from '@etalon/core/app/model';
import { evaluateRun } from './speeds/evaluate.ts';
import { exportRun } from './speeds/exportOnnx.ts';
import { openRun } from './speeds/open.ts';
import { trainRun } from './speeds/run.ts';
import { parseSpeedSettings, speedSettingInfos } from './speeds/settings.ts';

/**
 * Speeds of observed segments some minutes ahead, by a graph network (Battaglia et al. 2018) over all of them at a moment, anchored
 * to their history and last observation. For detectors and fleets that time segments rather than trips.
 */
export const speedsModel: ModelDefinition = {
  id: 'speeds',
  predicts: 'speeds',
  settings: speedSettingInfos,
  parseSettings: (settings) => ({ ...parseSpeedSettings(settings) }),
  train: trainRun,
  evaluate: evaluateRun,
  open: openRun,
  exportOnnx: exportRun,
};
