export * from './neighbours.ts';
