export * from './attribution.ts';
export * from './gnnExplainer.ts';
export { type Messages, weighMessages } from './messageMask.ts';
