import { EtalonError } from './errors.ts';

/** One report of a long task. `total` is absent while it is unknown. */
export interface Progress {
  /** What is being done, for a person: "Reading ways". */
  stage: string;
  done: number;
  total?: number;
  /** What `done` counts: "ways", "trips", "epochs". */
  unit?: string;
  /** Stage and count of the whole task, when it has several stages: 2 of 4. */
  step?: number;
  steps?: number;
}

/** What every task over a second is given: a way to say how far it is, and to learn that it was cancelled. */
export interface TaskContext {
  readonly signal: AbortSignal;
  report(progress: Progress): void;
}

/** A context that reports nowhere. */
export const quietly = (signal: AbortSignal): TaskContext => ({ signal, report() {} });

/** One that is never cancelled either. */
export const quietContext: TaskContext = quietly(new AbortController().signal);

/** A context whose reports are of one step of a task of several. */
export const inStep = (context: TaskContext, step: number, steps: number): TaskContext => ({
  signal: context.signal,
  report: (progress) => context.report({ ...progress, step, steps }),
});

/** Reports that a step begins, lets messages in, and gives its context. Throws `cancelled`. */
export async function beginStep(
  context: TaskContext,
  stage: string,
  step: number,
  steps: number,
): Promise<TaskContext> {
  const own = inStep(context, step, steps);
  own.report({ stage, done: 0 });
  await breathe();
  throwIfCancelled(context.signal);
  return own;
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new EtalonError('cancelled', 'Cancelled.');
}

/** Lets messages (a cancellation, above all) in between two pieces of synchronous work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
