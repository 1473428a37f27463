export * from './adjacency.ts';
export * from './graph.ts';
export * from './locality.ts';
export * from './pairContext.ts';
export * from './pairs.ts';
export * from './preparation.ts';
export * from './rows.ts';
export * from './sampling/index.ts';
