export { EditedNetwork, type Effects, type SegmentEffect } from './apply.ts';
export { BaseTraffic } from './baseTraffic.ts';
export { type Area, type EditTime, inForce, type ScenarioEdit } from './edits.ts';
export type { Equilibrium } from './equilibrium.ts';
export { noticesOf, type ScenarioNotice } from './notices.ts';
export { Scenario, type ScenarioHour, type Steepness } from './scenario.ts';
export { type AssignmentSettings, assignmentDefaults } from './settings.ts';
export { type Range, type ScenarioSummary, STEEPNESSES, type StreetChange, summarize } from './summary.ts';
export { delayRatio, delayS, VOLUME_DELAY, type VolumeDelay, volumeRatio } from './volumeDelay.ts';
