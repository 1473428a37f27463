#!/usr/bin/env node
import { main } from './main.ts';

const exitCode = await main(process.argv.slice(2), {
  models: async () => (await import('@etalon/models')).models,
  jobWorker: new URL('./jobWorker.ts', import.meta.url),
});
// A compute device's own threads must not keep a finished command from ending.
process.exit(exitCode);
