export * from './inference/index.ts';
export * from './loop.ts';
export * from './metrics/index.ts';
export * from './optimiser.ts';
export * from './producers/index.ts';
