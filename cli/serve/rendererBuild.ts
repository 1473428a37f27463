import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EtalonError } from '@etalon/core/base';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'out', 'renderer');
/** What the window is made of: a change in any of them makes the built one stale. */
const SOURCES = ['renderer', 'core/api', 'core/base', 'package-lock.json'];

/** Folder of the built window; builds it first where it is absent, or older than its sources. */
export async function builtRenderer(say: (text: string) => void): Promise<string> {
  const builtAt = statSync(join(built, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
  const changedAt = Math.max(...SOURCES.map((source) => newestChange(join(root, source))));
  if (builtAt !== undefined && builtAt >= changedAt) return built;
  say(builtAt === undefined ? 'Building the window (once) …' : 'Building the window anew: it has changed …');
  await build();
  return built;
}

function newestChange(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  // An installed Etalon comes with its window built and without the sources.
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = readdirSync(path).filter((name) => name !== 'node_modules');
  return Math.max(0, ...inside.map((name) => newestChange(join(path, name))));
}

async function build(): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite))
    throw new EtalonError('not-found', 'The window is not built, and what builds it is not installed.', {
      remedy: `Run npm ci in ${root}.`,
    });
  const child = spawn(process.execPath, [vite, 'build', 'renderer', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stdout.on('data', (text) => {
    complaints += text;
  });
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0)
    throw new EtalonError('internal', `Building the window failed:\n${complaints.trim()}`, {
      remedy: 'See npm run build:renderer.',
    });
}
