import type { Baseline } from './baseline.ts';
import { blend } from './blend.ts';
import { freeFlow } from './freeFlow.ts';
import { historical } from './historical.ts';
import { live } from './live.ts';
import { ridge } from './ridge.ts';
import { segmentModelBaseline } from './segmentModelBaseline.ts';

export type { Baseline, BaselineId, EtaEstimates, FittedBaseline } from './baseline.ts';
export { freeFlowS, tripLengthsM } from './freeFlow.ts';
export { historicalTimesS } from './historical.ts';
export { type HistoricalProfile, historicalProfile } from './historicalProfile.ts';
export { ResidualInterval } from './residualInterval.ts';
export { crossFittedBaseline } from './segmentModelBaseline.ts';

/** From the plainest to the strongest. */
export const baselines: readonly Baseline[] = [
  freeFlow,
  historical,
  live,
  blend,
  ridge,
  segmentModelBaseline,
];
