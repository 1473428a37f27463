import { Worker } from 'node:worker_threads';
import { EtalonError } from '../../base/index.ts';
import type { ThreadAnswer, ThreadMessage, ThreadRequest } from './messages.ts';
import { THREAD_URL } from './threadUrl.ts';

interface Pending {
  resolve: (outputs: Record<string, Float32Array>) => void;
  reject: (error: EtalonError) => void;
}

/** A device on a thread of its own, as the pool sees it. It keeps the process alive only while it has something to do. */
export class DeviceThread {
  readonly #worker = new Worker(THREAD_URL);
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  /** Why nothing can be asked any more. */
  #ended: EtalonError | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (thrown) => this.#fail(String(thrown), thrown));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#fail(`exit code ${code}`);
        resolve();
      });
    });
  }

  /** Calls that wait for their answer, the one that runs included. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Throws what the device threw; `device` where the thread has ended. */
  call(request: ThreadRequest): Promise<Record<string, Float32Array>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const message: ThreadMessage = { ...request, call: this.#calls++ };
    if (this.#pending.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(message.call, { resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  /** Ends the thread when it has done what it was asked before. */
  async end(): Promise<void> {
    if (!this.#ended) await this.call({ kind: 'end' }).catch(() => {});
    this.#worker.ref();
    await this.#exited;
  }

  #take(answer: ThreadAnswer): void {
    const pending = this.#pending.get(answer.call);
    this.#pending.delete(answer.call);
    if (this.#pending.size === 0) this.#worker.unref();
    if ('outputs' in answer) pending?.resolve(answer.outputs);
    else pending?.reject(EtalonError.fromJSON(answer.error));
  }

  #fail(why: string, cause?: unknown): void {
    this.#ended ??= new EtalonError('device', `A thread of the CPU device has ended: ${why}`, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }
}
