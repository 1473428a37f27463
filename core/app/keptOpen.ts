import { type TaskContext, throwIfCancelled } from '../base/index.ts';

/** Keeps the run that was asked last open, so that the next question need not load it. */
export class KeptOpen<Opened extends { dispose(): Promise<void> }> {
  readonly #load: (runId: number, context: TaskContext) => Promise<Opened>;
  #open: { runId: number; opened: Opened } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(load: (runId: number, context: TaskContext) => Promise<Opened>) {
    this.#load = load;
  }

  /** Does something with a run when nothing else does: its device takes one call at a time. The context hears of the wait. */
  use<T>(runId: number, context: TaskContext, action: (opened: Opened) => Promise<T>): Promise<T> {
    context.report({ stage: 'Waiting for what else was asked of the run', done: 0 });
    const mine = this.#turn.then(async () => {
      throwIfCancelled(context.signal);
      return action(await this.#opened(runId, context));
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #opened(runId: number, context: TaskContext): Promise<Opened> {
    if (this.#open?.runId === runId) return this.#open.opened;
    await this.#open?.opened.dispose();
    this.#open = null;
    const opened = await this.#load(runId, context);
    this.#open = { runId, opened };
    return opened;
  }
}
