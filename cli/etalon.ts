#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { configFolder } from '@etalon/core/base';

// What Node makes of each module's text is kept: commands, and the workers of their jobs, start in under half the time.
const { directory } = enableCompileCache(join(configFolder(), 'compiled'));
if (directory) process.env.NODE_COMPILE_CACHE = directory;

const { main } = await import('./main.ts');
const exitCode = await main(process.argv.slice(2), {
  models: async () => (await import('@etalon/models')).models,
  jobWorker: new URL('./jobWorker.ts', import.meta.url),
});
// A compute device's own threads must not keep a finished command from ending.
process.exit(exitCode);
