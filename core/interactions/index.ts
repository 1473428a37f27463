export * from './data.ts';
export * from './edges.ts';
export * from './features.ts';
export * from './kCore.ts';
export * from './nodes.ts';
