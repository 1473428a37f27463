import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EtalonError } from '../../base/index.ts';
import type { Feed } from '../../device/types.ts';
import { Clock, type ProducerFigures } from './clock.ts';
import { type BatchField, createRing, Ring } from './ring.ts';
import type { ProducerMessage, ProducerStart } from './worker.ts';

export interface ProducerOptions {
  /** The worker module, which calls `runProducer`. */
  module: URL;
  /** What each thread prepares from. Arrays in shared memory (`shareColumns`) are not copied. */
  input: unknown;
  /** Threads. Batches and their order do not depend on it. */
  threads: number;
  /** Batches that wait at most, the two in use included. Memory is slots × the sum of the fields' capacities. */
  slots: number;
  fields: readonly BatchField[];
  /** Batches first … end − 1 are made. */
  first: number;
  end: number;
  /** Aborting it ends the threads; `next` then throws `cancelled`. */
  signal: AbortSignal;
}

/** Batches whose floats stay as they are: while the device still runs one, the next may be got and handed over. */
const IN_USE = 2;
/** Threads that have not ended by themselves this long after the ring was closed are ended by force. */
const GRACE_MS = 2000;

/**
 * Batches made ahead by worker threads while the device trains. The consumer gets them in the order of their numbers, as feeds
 * whose floats lie in the ring: no copy is made between the thread that gathers features and the device that reads them.
 * Whoever starts them closes them, whatever happens: their threads keep the process alive.
 */
export class Producers {
  readonly #ring: Ring;
  readonly #end: number;
  readonly #workers: Worker[];
  readonly #exits: Promise<void>[];
  readonly #clock = new Clock(() => performance.now());
  readonly #stopListening: () => void;
  #failures = new Map<number, EtalonError>();
  /** Why the ring was closed before its end. */
  #broken: EtalonError | undefined;
  #next: number;
  /** Batches in use, the oldest first. */
  readonly #held: number[] = [];

  constructor({ module, input, threads, slots, fields, first, end, signal }: ProducerOptions) {
    if (!(threads >= 1 && slots >= IN_USE))
      throw new EtalonError('internal', `internal: ${threads} threads and ${slots} slots are too few`);
    const handle = createRing({ fields, slots, first, end });
    this.#ring = new Ring(handle);
    this.#next = first;
    this.#end = end;
    const workerData: ProducerStart = { ring: handle, input };
    this.#workers = Array.from({ length: threads }, () => new Worker(module, { workerData }));
    this.#exits = this.#workers.map((worker) => this.#watch(worker));
    const cancel = () => this.#break(new EtalonError('cancelled', 'Cancelled.'));
    signal.addEventListener('abort', cancel);
    this.#stopListening = () => signal.removeEventListener('abort', cancel);
    if (signal.aborted) cancel();
  }

  /**
   * The next batch, null after the last. It stays as it is until the next but one is asked for; then its floats are filled anew.
   * Throws what a producer threw, at the batch at which it did; `internal` when a thread died; `cancelled`.
   */
  async next(): Promise<Feed | null> {
    while (this.#held.length >= IN_USE) this.#ring.release(this.#held.shift()!);
    return this.#next === this.#end ? null : this.#clock.waiting(this.#receive());
  }

  /** The next `count` batches, such as an epoch's, or those that are left. */
  async *take(count: number): AsyncGenerator<Feed> {
    for (let i = 0; i < count; i++) {
      const feed = await this.next();
      if (!feed) return;
      yield feed;
    }
  }

  figures(): ProducerFigures {
    return this.#clock.figures();
  }

  /** Ends the threads, whatever they do, and frees the ring. */
  async close(): Promise<void> {
    this.#broken ??= new EtalonError('internal', 'internal: these producers were closed');
    await this.#endThreads();
  }

  async #endThreads(): Promise<void> {
    this.#stopListening();
    this.#ring.close();
    const allExited = Promise.all(this.#exits);
    const grace = new AbortController();
    await Promise.race([allExited, delay(GRACE_MS, undefined, { signal: grace.signal }).catch(() => {})]);
    grace.abort();
    for (const worker of this.#workers) await worker.terminate();
    await allExited;
  }

  async #receive(): Promise<Feed> {
    const batch = this.#next;
    const isThere = await this.#ring.waitUntilFull(batch);
    if (!isThere) throw this.#broken;
    const slot = this.#ring.slot(batch);
    if (slot.failed) {
      // Threads say why before they end.
      await this.#endThreads();
      this.#broken = this.#failures.get(batch);
      throw this.#broken;
    }
    this.#held.push(batch);
    this.#next++;
    return slot.feed();
  }

  #break(error: EtalonError): void {
    this.#broken ??= error;
    this.#ring.close();
  }

  /** Ends when the thread has. One that ends without a last word has died, and the batch it was making with it. */
  #watch(worker: Worker): Promise<void> {
    let isHeard = false;
    worker.on('message', (message: ProducerMessage) => {
      isHeard = true;
      if (message === 'done') return;
      const error = EtalonError.fromJSON(message.error);
      if (message.batch === null) this.#break(error);
      else this.#failures.set(message.batch, error);
    });
    worker.on('error', (thrown) => this.#break(died(String(thrown), thrown)));
    return new Promise((resolve) => {
      worker.on('exit', (code) => {
        if (!isHeard) this.#break(died(`exit code ${code}`));
        resolve();
      });
    });
  }
}

function died(why: string, cause?: unknown): EtalonError {
  return new EtalonError('internal', `internal: a producer thread died: ${why}`, { cause });
}
