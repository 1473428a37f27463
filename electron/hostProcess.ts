import { fileURLToPath } from 'node:url';
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { type FromHost, fromHost, type ToHost } from './messages.ts';

/** Crashes within this time of each other are counted together; more than {@link MOST_CRASHES} are not restarted. */
const CRASH_WINDOW_MS = 60_000;
const MOST_CRASHES = 3;

export interface HostEvents {
  onPick(message: Extract<FromHost, { type: 'pick' }>): Promise<string | null>;
  /** The host ended unasked; `restarting` is false after too many times. */
  onCrash(code: number, restarting: boolean): void;
}

/** The host as the main process sees it: started, restarted after a crash with the project that was open, and stopped. */
export class HostProcess {
  readonly #events: HostEvents;
  readonly #version: string;
  #process: UtilityProcess;
  #open: string | null = null;
  #stopping = false;
  #crashes: number[] = [];
  #waiting: ((titles: string[]) => void)[] = [];

  constructor(version: string, events: HostEvents) {
    this.#version = version;
    this.#events = events;
    this.#process = this.#start();
  }

  /** A port on which the host serves the contract. */
  connect(): MessagePortMain {
    const { port1, port2 } = new MessageChannelMain();
    this.#process.postMessage({ type: 'serve' } satisfies ToHost, [port1]);
    return port2;
  }

  /** Titles of the jobs that are running. */
  running(): Promise<string[]> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tell({ type: 'running?' });
    });
  }

  /** Ends the host after its jobs have left their checkpoints. */
  stop(): Promise<void> {
    this.#stopping = true;
    return new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#tell({ type: 'shutdown' });
    });
  }

  #start(): UtilityProcess {
    const child = utilityProcess.fork(fileURLToPath(new URL('./host.js', import.meta.url)), [], {
      serviceName: 'Etalon host',
      env: {
        ...process.env,
        ETALON_VERSION: this.#version,
        ...(this.#open && { ETALON_OPEN: this.#open }),
      },
    });
    child.on('message', (data: unknown) => void this.#receive(fromHost.parse(data)));
    child.on('exit', (code) => this.#ended(code));
    return child;
  }

  async #receive(message: FromHost): Promise<void> {
    if (message.type === 'opened') this.#open = message.path;
    if (message.type === 'running') for (const answer of this.#waiting.splice(0)) answer(message.titles);
    if (message.type === 'pick')
      this.#tell({ type: 'picked', request: message.request, path: await this.#events.onPick(message) });
  }

  #ended(code: number): void {
    if (this.#stopping) return;
    for (const answer of this.#waiting.splice(0)) answer([]);
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    const restarting = this.#crashes.length <= MOST_CRASHES;
    if (restarting) this.#process = this.#start();
    this.#events.onCrash(code, restarting);
  }

  #tell(message: ToHost): void {
    this.#process.postMessage(message);
  }
}
