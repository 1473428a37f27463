export * from './classification.ts';
export * from './ranking.ts';
export * from './travelTime.ts';
