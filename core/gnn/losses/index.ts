export * from './binary.ts';
export * from './combine.ts';
export * from './infomax.ts';
export * from './ranking.ts';
export * from './reconstruction.ts';
export * from './regression.ts';
export * from './regularisation.ts';
export * from './softmax.ts';
