import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../core/app/index.ts';
import { fakeModel } from './fakeModel.ts';

export const fakeWorkerUrl = new URL('./fakeWorker.ts', import.meta.url);

export interface FakeApp {
  app: App;
  folder: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The application with a stand-in for the model, in a folder of its own that also holds its settings. */
export function fakeApp(): FakeApp {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-'));
  process.env.ETALON_CONFIG_DIR = join(folder, 'config');
  const app = createApp({
    models: { eta: fakeModel },
    jobWorker: fakeWorkerUrl,
    shell: 'serve',
    version: '0.0.0',
  });
  return {
    app,
    folder,
    async [Symbol.asyncDispose]() {
      await app.shutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
