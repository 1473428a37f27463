import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.ts';

/** `npm test`: types, style, import rules, the built window, then every test. Stops at the first failure. */
const extra = process.argv.slice(2);
ensureChromium();
const stages: [string, string[]][] = [
  ['npm', ['run', '--silent', 'typecheck']],
  ['npm', ['run', '--silent', 'lint']],
  ['npm', ['run', '--silent', 'build']],
  ['npx', ['vitest', 'run', '--exclude', 'test/e2e/**', ...extra]],
  // By itself: it opens a browser and trains, which leaves nothing to other tests on two cores.
  ['npm', ['run', '--silent', 'test:e2e']],
];
for (const [command, args] of stages) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
