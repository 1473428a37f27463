import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { electronBinary, electronFolder } from './electronBinary.ts';

/** `npm start`: the desktop window; where Electron's binary is absent and cannot be had, the same window in a browser. */
const root = join(import.meta.dirname, '..');
const electron = electronBinary() ?? fetchedBinary();

if (electron) {
  run('npm', ['run', '--silent', 'build']);
  run(electron, [root, ...process.argv.slice(2)]);
} else {
  console.log('Electron’s binary could not be had on this machine; opening the same window in a browser.');
  const server = spawn(
    process.execPath,
    [join(root, 'cli', 'etalon.ts'), 'serve', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  );
  // Ctrl-C reaches the server too: it says goodbye and ends, and this process with it.
  process.on('SIGINT', () => undefined);
  server.on('exit', (code) => process.exit(code ?? 0));
}

/** Electron downloads its binary when first asked for it, not when it is installed. */
function fetchedBinary(): string | null {
  const install = join(electronFolder, 'install.js');
  if (!existsSync(install)) return null;
  spawnSync(process.execPath, [install], { stdio: 'ignore', timeout: 120_000 });
  return electronBinary();
}

function run(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}
