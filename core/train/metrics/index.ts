export * from './classification.ts';
export * from './classificationEvaluation.ts';
export * from './clustering.ts';
export * from './detection.ts';
export * from './distribution.ts';
export * from './ranking.ts';
export * from './regression.ts';
export * from './travelTime.ts';
