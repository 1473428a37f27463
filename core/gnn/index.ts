export * from './graphNetwork.ts';
export * from './layers.ts';
export * from './losses.ts';
export * from './parameters.ts';
