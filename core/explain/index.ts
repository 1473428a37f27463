export * from './attribution.ts';
export * from './gnnExplainer.ts';
export { holdNorms } from './heldNorms.ts';
export { type Messages, weighMessages } from './messageMask.ts';
