export { decodeModel } from './decode.ts';
export { encodeModel } from './encode.ts';
export * from './file.ts';
export * from './lower.ts';
export type * from './model.ts';
export { planSegments, type SegmentPlan } from './segmentPlan.ts';
export { planValues, type SegmentPlanInputs } from './segmentSum.ts';
