export * from './graph.ts';
export * from './preparation.ts';
