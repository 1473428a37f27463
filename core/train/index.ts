export * from './loop.ts';
export * from './metrics/index.ts';
export * from './optimiser.ts';
