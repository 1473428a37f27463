export * from './network.ts';
export * from './profiles/index.ts';
export * from './trips.ts';
