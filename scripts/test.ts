import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.ts';

/** `npm test`: types, style, import rules, the built window, then every test. Stops at the first failure. */
const extra = process.argv.slice(2);
ensureChromium();
console.log('Not run here yet: the browser test of the whole main job. Run it with npm run test:e2e.');
const stages: [string, string[]][] = [
  ['npm', ['run', '--silent', 'typecheck']],
  ['npm', ['run', '--silent', 'lint']],
  ['npm', ['run', '--silent', 'build']],
  ['npx', ['vitest', 'run', '--exclude', 'test/e2e/**', ...extra]],
];
for (const [command, args] of stages) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
