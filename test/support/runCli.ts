import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The lines of the `--json` protocol. */
  events: Record<string, unknown>[];
}

export interface StartedCli {
  process: ChildProcess;
  ended: Promise<CliRun>;
  /** The first protocol line for which the predicate holds. */
  event(predicate: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

const FAKE = fileURLToPath(new URL('./fakeCli.ts', import.meta.url));

/** Starts the command line in a process of its own; with a stand-in for the model unless told another entry. */
export function startCli(
  args: readonly string[],
  { configFolder, entry = FAKE }: { configFolder: string; entry?: string },
): StartedCli {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, ETALON_CONFIG_DIR: configFolder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let ended = false;
  const waiting = new Set<() => void>();
  child.stdout.on('data', (text) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const events = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    process: child,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (code) => {
        ended = true;
        for (const look of waiting) look();
        resolve({ code, stdout, stderr, events: events() });
      });
    }),
    event: (predicate) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events().find(predicate);
          if (found) resolve(found);
          else if (ended) reject(new Error(`The command ended without that line.\n${stdout}\n${stderr}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}
