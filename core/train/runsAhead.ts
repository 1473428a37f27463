import type { Executable, Feed } from '../device/types.ts';

type Outputs = Record<string, Float32Array>;

/**
 * Runs batches in order and is ahead by as many as the device runs side by side: batches are made and handed over while it still
 * works on those before, whose results are taken up then. Results and their order are those of runs awaited one by one.
 */
export class RunsAhead {
  readonly #executable: Executable;
  /** Runs that are not taken up, at most: those that the device carries out, and as many that wait behind them, less the next. */
  readonly #most: number;
  readonly #pending: { outputs: Promise<Outputs>; take: (outputs: Outputs) => void }[] = [];

  constructor(executable: Executable) {
    this.#executable = executable;
    this.#most = 2 * (executable.sideBySide ?? 1) - 1;
  }

  /** Resolves when the device has room for another run, and those that ended before were taken up. */
  async start(feed: Feed, take: (outputs: Outputs) => void): Promise<void> {
    const outputs = this.#executable.run(feed);
    // Its failure is told by whoever awaits it next; a caller that stops for another reason never does.
    outputs.catch(() => {});
    this.#pending.push({ outputs, take });
    while (this.#pending.length > this.#most) await this.#takeFirst();
  }

  /** Resolves when the last run has ended and was taken up. */
  async end(): Promise<void> {
    while (this.#pending.length > 0) await this.#takeFirst();
  }

  async #takeFirst(): Promise<void> {
    const { outputs, take } = this.#pending.shift()!;
    take(await outputs);
  }
}
