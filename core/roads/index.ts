export * from './network.ts';
export * from './trips.ts';
