import type { Executable, Feed } from '../device/types.ts';

/**
 * Runs batches in order and is one ahead: a batch is made and handed over while the device still works on the one
 * before, whose results are taken up then. Results and their order are those of runs awaited one by one.
 */
export class RunsAhead {
  readonly #executable: Executable;
  readonly #take: (outputs: Record<string, Float32Array>) => void;
  #pending: Promise<Record<string, Float32Array>> | undefined;

  constructor(executable: Executable, take: (outputs: Record<string, Float32Array>) => void) {
    this.#executable = executable;
    this.#take = take;
  }

  /** Resolves when the run before has ended. */
  async start(feed: Feed): Promise<void> {
    const before = this.#pending;
    this.#pending = this.#executable.run(feed);
    // Its failure is told by whoever awaits it next; a caller that stops for another reason never does.
    this.#pending.catch(() => {});
    if (before) this.#take(await before);
  }

  /** Resolves when the last run has ended. */
  async end(): Promise<void> {
    const last = this.#pending;
    this.#pending = undefined;
    if (last) this.#take(await last);
  }
}
