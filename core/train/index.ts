export * from './graphNetworkStep.ts';
export * from './loop.ts';
export * from './metrics.ts';
export * from './optimiser.ts';
export { RunsAhead } from './runsAhead.ts';
