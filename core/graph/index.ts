export * from './graph.ts';
export * from './pairs.ts';
export * from './preparation.ts';
