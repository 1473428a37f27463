export * from './graphNetworkStep.ts';
export * from './loop.ts';
export { META_DEFAULTS, type MetaGradients } from './metaGradients.ts';
export * from './metrics.ts';
export { OPTIMISERS, type Optimiser, type OptimiserKind } from './optimisers.ts';
export { RunsAhead } from './runsAhead.ts';
export * from './schedules.ts';
export * from './step.ts';
export { type TrainedLoss, type TrainLossTask, trainLoss } from './trainLoss.ts';
