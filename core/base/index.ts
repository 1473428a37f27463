export * from './errors.ts';
export * from './progress.ts';
export { Random } from './random.ts';
