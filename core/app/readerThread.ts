import { Worker } from 'node:worker_threads';
import type { ContractRouterClient } from '@orpc/contract';
import { createMessagePortClient } from '../api/client.ts';
import type { WorkerRequest } from './jobTypes.ts';
import type { ReaderContract } from './readerContract.ts';

export type ReaderClient = ContractRouterClient<ReaderContract>;

/**
 * The thread that answers what only reads a project: tiles, segments, previews, predictions. Started at the first call;
 * `restart` makes the next call see what was written since.
 */
export class ReaderThread {
  readonly #workerUrl: URL;
  readonly #projectPath: string;
  #running: { worker: Worker; client: ReaderClient } | null = null;

  constructor(workerUrl: URL, projectPath: string) {
    this.#workerUrl = workerUrl;
    this.#projectPath = projectPath;
  }

  client(): ReaderClient {
    this.#running ??= this.#start();
    return this.#running.client;
  }

  async restart(): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    const worker = this.#running?.worker;
    this.#running = null;
    await worker?.terminate();
  }

  #start(): { worker: Worker; client: ReaderClient } {
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerRequest = { role: 'reader', projectPath: this.#projectPath, port: port2 };
    const worker = new Worker(this.#workerUrl, { workerData, transferList: [port2] });
    const forget = () => {
      if (this.#running?.worker === worker) this.#running = null;
      port1.close();
    };
    worker.on('error', (error) => {
      console.error(`Reading the project failed: ${error.message}`);
      forget();
    });
    worker.on('exit', forget);
    return { worker, client: createMessagePortClient<ReaderContract>(port1) };
  }
}
