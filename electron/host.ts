import { serveMessagePort } from '@etalon/core/api';
import { type App, createApp, type FilePurpose } from '@etalon/core/app';
import { models } from '@etalon/models';
import type { MessageEvent } from 'electron';
import { type FromHost, toHost } from './messages.ts';

/** The utility process that does all the work: it serves the contract to the window over ports that main hands over. */
const parent = process.parentPort;
const pending = new Map<number, (path: string | null) => void>();
let nextRequest = 1;

const app: App = createApp({
  models,
  jobWorker: new URL('./jobWorker.js', import.meta.url),
  shell: 'electron',
  version: process.env.ETALON_VERSION ?? '',
  pickFile,
});

parent.on('message', ({ data, ports }: MessageEvent) => {
  const message = toHost.parse(data);
  switch (message.type) {
    case 'serve':
      serveMessagePort(app, ports[0]);
      return;
    case 'running?': {
      const running = app.jobs.list().filter(({ status }) => status === 'running');
      tell({ type: 'running', titles: running.map(({ title }) => title) });
      return;
    }
    case 'picked':
      pending.get(message.request)?.(message.path);
      pending.delete(message.request);
      return;
    case 'shutdown':
      void app.shutdown().then(() => {
        tell({ type: 'closed' });
        process.exit(0);
      });
      return;
    default:
      throw message satisfies never;
  }
});

// After a crash main starts a new host with the project that was open.
const reopen = process.env.ETALON_OPEN;
if (reopen)
  await app.open(reopen).catch((error: unknown) => console.error('The project cannot be reopened:', error));

let known: string | null = null;
setInterval(() => {
  const path = app.projectInfo()?.path ?? null;
  if (path === known) return;
  known = path;
  tell({ type: 'opened', path });
}, 500).unref();

tell({ type: 'ready' });

function tell(message: FromHost): void {
  parent.postMessage(message);
}

function pickFile(purpose: FilePurpose, suggested: string | undefined): Promise<string | null> {
  const request = nextRequest++;
  tell({ type: 'pick', request, purpose, ...(suggested !== undefined && { suggested }) });
  return new Promise((resolve) => pending.set(request, resolve));
}
