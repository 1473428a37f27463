export * from './loop.ts';
export * from './optimiser.ts';
