import type { MessagePortMain, UtilityProcess } from 'electron';
import { type FromHost, fromHost, type PickFile, type ToHost } from './hostMessages.ts';

/** A host that ends this often within {@link CRASH_WINDOW_MS} is not started again. */
const MAX_CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;
/** Longer than a job may take to answer its cancellation. */
const SHUTDOWN_GRACE_MS = 25_000;

export interface HostCrash {
  code: number;
  /** What was running, and is interrupted now. */
  job: string | null;
  restarted: boolean;
}

export interface HostLinkParts {
  /** Starts a host that opens the project, if one is named. */
  fork(project: string | null): UtilityProcess;
  pickFile(request: PickFile): Promise<string | null>;
  onCrash(crash: HostCrash): void;
}

/** The main process's end of the host: starts it, starts it again when it dies, with the project that was open, and ends it. */
export class HostLink {
  readonly #parts: HostLinkParts;
  #host: UtilityProcess | null = null;
  #project: string | null = null;
  #job: string | null = null;
  #crashes: number[] = [];
  #ending = false;

  constructor(parts: HostLinkParts) {
    this.#parts = parts;
    this.#start();
  }

  /** Title of the job that is running in the host. */
  get job(): string | null {
    return this.#job;
  }

  /** Lets the host serve the API on a port. A host that was given up on is started anew. */
  connect(port: MessagePortMain): void {
    if (!this.#host) this.#start();
    this.#send({ type: 'connect' }, [port]);
  }

  /** Resolves when jobs have left their checkpoints and the host has ended; by force if it does not answer. */
  async shutdown(): Promise<void> {
    this.#ending = true;
    const host = this.#host;
    if (!host) return;
    const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
    this.#send({ type: 'shutdown' });
    const impatient = setTimeout(() => host.kill(), SHUTDOWN_GRACE_MS);
    await ended;
    clearTimeout(impatient);
  }

  #start(): void {
    const host = this.#parts.fork(this.#project);
    this.#host = host;
    host.on('message', (data: unknown) => this.#receive(fromHost.parse(data)));
    host.once('exit', (code) => this.#exited(code));
  }

  #send(message: ToHost, ports?: MessagePortMain[]): void {
    this.#host?.postMessage(message, ports);
  }

  #receive(message: FromHost): void {
    if (message.type === 'project') this.#project = this.#ending ? this.#project : message.path;
    else if (message.type === 'jobs') this.#job = message.busy;
    else void this.#pickFile(message);
  }

  async #pickFile(request: PickFile): Promise<void> {
    const path = await this.#parts.pickFile(request);
    this.#send({ type: 'file-picked', id: request.id, path });
  }

  #exited(code: number): void {
    const job = this.#job;
    this.#host = null;
    this.#job = null;
    if (this.#ending) return;
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    const restarted = this.#crashes.length < MAX_CRASHES;
    if (restarted) this.#start();
    this.#parts.onCrash({ code, job, restarted });
  }
}
