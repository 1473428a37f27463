export * from './bootstrap.ts';
export * from './errors.ts';
export * from './progress.ts';
export { Random } from './random.ts';
export { randomStream } from './streams.ts';
