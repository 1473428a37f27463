import { join } from 'node:path';
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
    // Modules are loaded by Node, as in the product. Vite's own loader turns each use of an import into a call of a getter: a fit took
    // ten times as long.
    experimental: { viteModuleRunner: false },
    // What Node makes of a module's text is kept: tests start the command line hundreds of times.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
  },
});
