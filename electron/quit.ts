export interface QuitParts {
  /** Title of the job that is running. */
  job(): string | null;
  /** Asks whether to stop the job; false = go on with it. */
  ask(job: string): Promise<boolean>;
  /** Resolves when everything is saved. */
  shutdown(): Promise<void>;
  quit(): void;
}

/** Holds quitting up until the host has ended in order, and lets the user decide about a running job. */
export class QuitGuard {
  readonly #parts: QuitParts;
  #state: 'running' | 'asking' | 'ending' | 'ended' = 'running';

  constructor(parts: QuitParts) {
    this.#parts = parts;
  }

  /** Whether windows may close and the application may end. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Listener of `before-quit`. */
  readonly beforeQuit = (event: { preventDefault(): void }): void => {
    if (this.ended) return;
    event.preventDefault();
    if (this.#state === 'running') void this.#end();
  };

  async #end(): Promise<void> {
    const job = this.#parts.job();
    this.#state = 'asking';
    if (job !== null && !(await this.#parts.ask(job))) {
      this.#state = 'running';
      return;
    }
    this.#state = 'ending';
    await this.#parts.shutdown();
    this.#state = 'ended';
    this.#parts.quit();
  }
}
