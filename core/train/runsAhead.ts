import type { Executable, Feed } from '../device/types.ts';

type Outputs = Record<string, Float32Array>;

/**
 * Runs batches in order and is one ahead: a batch is made and handed over while the device still works on the one
 * before, whose results are taken up then. Results and their order are those of runs awaited one by one.
 */
export class RunsAhead {
  readonly #executable: Executable;
  #pending: { outputs: Promise<Outputs>; take: (outputs: Outputs) => void } | undefined;

  constructor(executable: Executable) {
    this.#executable = executable;
  }

  /** Resolves when the run before has ended and was taken up. */
  async start(feed: Feed, take: (outputs: Outputs) => void): Promise<void> {
    const before = this.#pending;
    const outputs = this.#executable.run(feed);
    // Its failure is told by whoever awaits it next; a caller that stops for another reason never does.
    outputs.catch(() => {});
    this.#pending = { outputs, take };
    before?.take(await before.outputs);
  }

  /** Resolves when the last run has ended and was taken up. */
  async end(): Promise<void> {
    const last = this.#pending;
    this.#pending = undefined;
    last?.take(await last.outputs);
  }
}
