export * from './gradients.ts';
export * from './ops.ts';
export * from './program.ts';
export { randomAt, randomKeys } from './random.ts';
export { type Dense, interpret } from './reference.ts';
export { splitGatherMatmul } from './rewrite.ts';
export { Tensor, Trace } from './trace.ts';
