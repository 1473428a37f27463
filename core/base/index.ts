export * from './bootstrap.ts';
export { choleskySolve } from './cholesky.ts';
export { configFolder } from './configFolder.ts';
export * from './errors.ts';
export { identity, multiply, type Svd, svd, transpose } from './matrix.ts';
export * from './progress.ts';
export { Random } from './random.ts';
export * from './ridge.ts';
export { randomStream } from './streams.ts';
