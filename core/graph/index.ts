export * from './adjacency.ts';
export * from './graph.ts';
export * from './preparation.ts';
export * from './sampling/index.ts';
