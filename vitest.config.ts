import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['**/node_modules/**', 'test/bench/**'],
    // Not judged by time: a machine may be busy with other work.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Every worker may run ONNX Runtime with threads of its own; two cores take no more than two files at once.
    maxWorkers: 2,
    pool: 'forks',
  },
});
