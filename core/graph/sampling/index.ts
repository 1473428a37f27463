export { AliasTables } from './alias.ts';
export * from './knownPairs.ts';
export * from './negatives.ts';
export * from './neighbours.ts';
export * from './pageRank.ts';
export * from './reached.ts';
export * from './walks.ts';
