export * from './loop.ts';
export * from './metrics.ts';
export * from './optimiser.ts';
