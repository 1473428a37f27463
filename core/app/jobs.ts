import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { ApiJobState } from '../api/contract.ts';
import { EtalonError, type EtalonErrorData, type Progress, toEtalonError } from '../base/index.ts';
import { Changes } from './changes.ts';
import type { JobCommand, JobKind, JobMessage, JobRequest, WorkerRequest } from './jobTypes.ts';
import { ProjectLock } from './projectLock.ts';
import { TimeLeft } from './timeLeft.ts';

/** How long a worker may take to answer a cancellation before it is ended by force. */
const CANCEL_GRACE_MS = 20_000;
/** How many ended jobs are remembered. */
const KEPT = 50;

/** Jobs that write to the project as they go: only one at a time, and nothing beside it that reads half of its work. */
const EXCLUSIVE: ReadonlySet<JobKind> = new Set([
  'sample',
  'import-roads',
  'import-trips',
  'import-observations',
  'import-interactions',
  'train',
  'import-profiles',
  'import-gps',
  'rolling',
  'simulate',
]);

/** How a job ended: with its worker still in order (it has tidied up itself), or not. */
export interface JobEnd {
  state: ApiJobState;
  crashed: boolean;
}

export interface JobStart {
  projectPath: string;
  request: JobRequest;
  /** For a person: "Training eta-3". */
  title: string;
  runId: number | null;
  onEnd?(end: JobEnd): void;
}

/**
 * Runs each job in a worker thread with a project connection of its own. Writing jobs refuse to start beside another job;
 * evaluations and exports wait for their turn.
 */
export class Jobs {
  readonly #workerUrl: URL;
  readonly #jobs = new Map<string, Job>();
  readonly #changes = new Changes();

  constructor(workerUrl: URL) {
    this.#workerUrl = workerUrl;
  }

  /** Throws `conflict` where a writing job would meet another one. */
  start(start: JobStart): ApiJobState {
    const exclusive = EXCLUSIVE.has(start.request.kind);
    const before = this.#open();
    const writing = before.find((job) => job.exclusive);
    if (exclusive && before.length > 0) throw conflict(start.title, writing ?? before[0]);
    const lock = exclusive ? ProjectLock.acquire(start.projectPath, start.title) : null;
    const job = new Job(start, exclusive, () => this.#changed(job));
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    const begin = () => job.run(this.#workerUrl, lock);
    if (before.length === 0) begin();
    else void this.#turn(job).then(begin);
    this.#changed(job);
    return job.state();
  }

  list(): ApiJobState[] {
    return [...this.#jobs.values()].map((job) => job.state());
  }

  /** Throws `not-found`. */
  get(id: string): ApiJobState {
    return this.#job(id).state();
  }

  /** The job's state now and after every change, until it has ended. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<ApiJobState, void> {
    const job = this.#job(id);
    let seen = -1;
    while (!signal.aborted) {
      if (job.version !== seen) {
        seen = job.version;
        yield job.state();
      }
      if (!job.open && job.version === seen) return;
      if (job.version === seen) await this.#changes.next(signal);
    }
  }

  /** Every job's states as they change, until the signal aborts. */
  async *watchAll(signal: AbortSignal): AsyncGenerator<ApiJobState, void> {
    const seen = new Map<string, number>();
    while (!signal.aborted) {
      const changed = [...this.#jobs.values()].find((job) => seen.get(job.id) !== job.version);
      if (changed) {
        seen.set(changed.id, changed.version);
        yield changed.state();
      } else await this.#changes.next(signal);
    }
  }

  /** The job's final state. */
  async ended(id: string): Promise<ApiJobState> {
    const job = this.#job(id);
    await job.ended;
    return job.state();
  }

  /** Whether there was anything to cancel. The job ends when its worker has tidied up. */
  cancel(id: string): boolean {
    return this.#job(id).cancel();
  }

  /** Ends the training of a run and keeps its best weights so far; false when it is not being trained here. */
  stopTraining(runId: number): boolean {
    const job = this.#open().find((job) => job.request.kind === 'train' && job.runId === runId);
    return job?.send('stop') ?? false;
  }

  /** The job that works on a run, or waits to, if there is one. */
  openOn(runId: number): ApiJobState | undefined {
    return this.#open()
      .find((job) => job.runId === runId)
      ?.state();
  }

  /** Title of a job that has not ended, the one working before those waiting. */
  busyWith(): string | null {
    return this.#open()[0]?.title ?? null;
  }

  async cancelAll(): Promise<void> {
    const open = this.#open().reverse();
    for (const job of open) job.cancel();
    await Promise.all(open.map((job) => job.ended));
  }

  /** Resolves when every job that was there before this one has ended. */
  async #turn(job: Job): Promise<void> {
    for (;;) {
      const [before] = this.#open();
      if (!before || before === job || !job.open) return;
      job.progress({ stage: `Waiting for “${before.title}”`, done: 0 });
      await before.ended;
    }
  }

  /** Jobs that have not ended, in the order in which they were started. */
  #open(): Job[] {
    return [...this.#jobs.values()].filter((job) => job.open);
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new EtalonError('not-found', `There is no job ${id}.`);
    return job;
  }

  #changed(job: Job): void {
    job.version++;
    this.#changes.notify();
  }

  #forgetOld(): void {
    const ended = [...this.#jobs.values()].filter((job) => !job.open);
    for (const job of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#jobs.delete(job.id);
  }
}

function conflict(title: string, other: Job): EtalonError {
  return new EtalonError('conflict', `“${title}” cannot start while “${other.title}” is running.`, {
    remedy: 'Wait until it is done, or cancel it.',
  });
}

/** One job from its start to its end, as the thread that asked for it sees it. */
class Job {
  readonly id = randomUUID();
  readonly request: JobRequest;
  readonly title: string;
  readonly runId: number | null;
  readonly exclusive: boolean;
  readonly ended: Promise<void>;
  status: ApiJobState['status'] = 'waiting';
  version = 0;

  readonly #projectPath: string;
  readonly #onEnd: JobStart['onEnd'];
  readonly #changed: () => void;
  #startedAt = new Date();
  readonly #timeLeft = new TimeLeft();
  #elapsedS: number | undefined;
  #progress: Progress | null = null;
  #error: EtalonErrorData | null = null;
  #result: unknown = null;
  #worker: Worker | undefined;
  #grace: NodeJS.Timeout | undefined;
  #lock: ProjectLock | null = null;
  #cancelled = false;
  #settle!: () => void;

  constructor(start: JobStart, exclusive: boolean, changed: () => void) {
    this.request = start.request;
    this.title = start.title;
    this.runId = start.runId;
    this.exclusive = exclusive;
    this.#projectPath = start.projectPath;
    this.#onEnd = start.onEnd;
    this.#changed = changed;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether it has not ended. */
  get open(): boolean {
    return this.status === 'waiting' || this.status === 'running';
  }

  run(workerUrl: URL, lock: ProjectLock | null): void {
    this.#lock = lock;
    if (!this.open) return;
    this.status = 'running';
    this.#startedAt = new Date();
    this.#progress = null;
    this.#changed();
    const workerData: WorkerRequest = { role: 'job', projectPath: this.#projectPath, job: this.request };
    const worker = new Worker(workerUrl, { workerData });
    this.#worker = worker;
    worker.on('message', (message: JobMessage) => this.#receive(message));
    worker.on('error', (error) => this.#crash(error));
    worker.on('exit', (code) => this.#crash(new Error(`its thread ended with code ${code}`)));
  }

  state(): ApiJobState {
    return {
      id: this.id,
      kind: this.request.kind,
      title: this.title,
      status: this.status,
      startedAt: this.#startedAt.toISOString(),
      elapsedS: this.#elapsedS ?? (Date.now() - this.#startedAt.getTime()) / 1000,
      progress: this.#progress,
      secondsLeft: this.open ? this.#timeLeft.secondsLeft(performance.now() / 1000) : null,
      error: this.#error,
      result: this.#result,
      runId: this.runId,
    };
  }

  progress(progress: Progress): void {
    this.#progress = progress;
    this.#timeLeft.report(progress, performance.now() / 1000);
    this.#changed();
  }

  /** False when the job has ended, or has not begun. */
  send(command: JobCommand): boolean {
    if (!this.open || !this.#worker) return false;
    this.#worker.postMessage(command);
    return true;
  }

  cancel(): boolean {
    if (!this.open) return false;
    this.#cancelled = true;
    if (this.send('cancel'))
      this.#grace ??= setTimeout(() => this.#end('cancelled', { crashed: true }), CANCEL_GRACE_MS);
    else this.#end('cancelled', { crashed: false });
    return true;
  }

  #receive(message: JobMessage): void {
    if (!this.open) return;
    if (message.type === 'progress') this.progress(message.progress);
    else if (message.type === 'done') {
      this.#result = message.result;
      this.#end('done', { crashed: false });
    } else {
      this.#error = message.error;
      this.#end(message.error.code === 'cancelled' ? 'cancelled' : 'failed', { crashed: false });
    }
  }

  /** The worker went away without a last message. */
  #crash(cause: unknown): void {
    if (!this.open) return;
    this.#error = crashError(this.title, cause).toJSON();
    this.#end(this.#cancelled ? 'cancelled' : 'failed', { crashed: true });
  }

  #end(status: 'done' | 'failed' | 'cancelled', { crashed }: { crashed: boolean }): void {
    clearTimeout(this.#grace);
    this.status = status;
    if (status === 'cancelled') this.#error = new EtalonError('cancelled', 'Cancelled.').toJSON();
    this.#elapsedS = (Date.now() - this.#startedAt.getTime()) / 1000;
    // Its connection is closed by now; a device's own threads may still keep the worker from ending by itself.
    const gone = this.#worker?.terminate() ?? Promise.resolve();
    void Promise.resolve(gone).then(() => {
      this.#lock?.release();
      this.#lock = null;
      this.#onEnd?.({ state: this.state(), crashed });
      this.#changed();
      this.#settle();
    });
  }
}

function crashError(title: string, cause: unknown): EtalonError {
  const { message } = toEtalonError(cause);
  const memory = (cause as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new EtalonError('internal', `“${title}” ended unexpectedly: ${message}.`, {
    remedy: memory
      ? 'Start Etalon with more memory: NODE_OPTIONS=--max-old-space-size=4096.'
      : 'Start it again; a training run resumes from its last checkpoint.',
    cause,
  });
}
