export { type LandmarkBound, Landmarks, type LeastCosts } from './landmarks.ts';
export { type MatrixRequest, travelMatrix } from './matrix.ts';
export { OneToAll, type ReachedPart, type TravelMatrix } from './reach.ts';
export { Router } from './router.ts';
export * from './types.ts';
