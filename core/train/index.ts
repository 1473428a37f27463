export * from './inference/index.ts';
export * from './loop.ts';
export { META_DEFAULTS, type MetaGradients } from './metaGradients.ts';
export * from './metrics/index.ts';
export { OPTIMISERS, type Optimiser, type OptimiserKind } from './optimisers.ts';
export * from './producers/index.ts';
export * from './schedules.ts';
export * from './step.ts';
export { type TrainedLoss, type TrainLossTask, trainLoss } from './trainLoss.ts';
