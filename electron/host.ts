import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serveMessagePort } from '@etalon/core/api';
import { createApp, type FilePurpose } from '@etalon/core/app';
import { models } from '@etalon/models';
import type { MessageEvent } from 'electron';
import packageJson from '../package.json' with { type: 'json' };
import { type FromHost, toHost } from './hostMessages.ts';

/** The utility process that does the work: it serves the contract to the window, over ports that the main process hands over. */
const main = process.parentPort;
const picks = new Map<number, (path: string | null) => void>();
let nextPick = 1;

const app = createApp({
  models,
  jobWorker: pathToFileURL(join(import.meta.dirname, 'jobWorker.js')),
  shell: 'electron',
  version: packageJson.version,
  pickFile,
  onProject: (path) => tell({ type: 'project', path }),
});
void reportJobs();

const [project] = process.argv.slice(2);
if (project)
  await app.open(project).catch((error: Error) => {
    console.error(`${project} cannot be opened again: ${error.message}`);
  });

main.on('message', ({ data, ports }: MessageEvent) => {
  const message = toHost.parse(data);
  switch (message.type) {
    case 'connect':
      serveMessagePort(app, ports[0]);
      return;
    case 'file-picked':
      picks.get(message.id)?.(message.path);
      picks.delete(message.id);
      return;
    case 'shutdown':
      void app.shutdown().finally(() => process.exit(0));
      return;
    default:
      throw message satisfies never;
  }
});

async function reportJobs(): Promise<void> {
  let told: string | null = null;
  for await (const _ of app.jobs.watchAll(new AbortController().signal)) {
    const busy = app.jobs.busyWith();
    if (busy !== told) tell({ type: 'jobs', busy });
    told = busy;
  }
}

function pickFile(purpose: FilePurpose, suggested: string | undefined): Promise<string | null> {
  const id = nextPick++;
  tell({ type: 'pick-file', id, purpose, ...(suggested !== undefined && { suggested }) });
  return new Promise((resolve) => picks.set(id, resolve));
}

function tell(message: FromHost): void {
  main.postMessage(message);
}
