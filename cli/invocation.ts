import type { ApiJobState } from '@etalon/core/api/contract';
import { type App, createApp, type JobKind, type JobResults } from '@etalon/core/app';
import type { Models } from '@etalon/core/app/model';
import { EtalonError, type EtalonErrorData } from '@etalon/core/base';
import type { Command } from 'commander';
import { createOutput, type Output } from './output.ts';
import packageJson from './package.json' with { type: 'json' };

export const version = packageJson.version;

/** What the command line is built around; tests put stand-ins in its place. */
export interface Parts {
  models(): Promise<Models>;
  jobWorker: URL;
}

/** One command being carried out. */
export interface Invocation {
  readonly app: App;
  readonly out: Output;
  /** Shows a job's progress until it ends. Throws the error of one that failed or was cancelled. */
  follow<K extends JobKind>(kind: K, job: ApiJobState): Promise<JobResults[K]>;
  /** Resolves at the first interruption (Ctrl-C), for a command that ends by it. */
  untilInterrupted(): Promise<void>;
}

export interface CommonOptions {
  json?: true;
}

/**
 * Wraps a command's work as commander's action: opens the application, passes on interruptions, and reports the figures that
 * the work returns as the command's result.
 */
export function carriedOut<A extends unknown[]>(
  parts: Parts,
  work: (invocation: Invocation, ...args: A) => Promise<object>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const out = createOutput(command.optsWithGlobals<CommonOptions>().json ?? false);
    const started = performance.now();
    const app = createApp({
      models: await parts.models(),
      jobWorker: parts.jobWorker,
      shell: 'serve',
      version,
    });
    const interruption = new Interruption(app, out);
    try {
      const invocation: Invocation = {
        app,
        out,
        follow: (_kind, job) => follow(app, out, job),
        untilInterrupted: () => interruption.awaited(),
      };
      const figures = await work(
        invocation,
        ...([...args.slice(0, -2), command.optsWithGlobals()] as unknown as A),
      );
      out.result(fullName(command), {
        seconds: (performance.now() - started) / 1000,
        cpuSeconds: cpuSeconds(),
        peakRssMb: process.resourceUsage().maxRSS / 1024,
        ...figures,
      });
    } finally {
      interruption.ignore();
      await app.shutdown();
    }
  };
}

/** Of all threads so far. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** "import roads". */
function fullName(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${fullName(parent)} ${command.name()}` : command.name();
}

async function follow<K extends JobKind>(app: App, out: Output, job: ApiJobState): Promise<JobResults[K]> {
  for await (const state of app.jobs.watch(job.id, new AbortController().signal)) out.progress(state);
  out.progressEnded();
  const { status, error, result } = await app.jobs.ended(job.id);
  if (status !== 'done')
    throw error ? EtalonError.fromJSON(error as EtalonErrorData) : new EtalonError('cancelled', 'Cancelled.');
  return result as JobResults[K];
}

/** The first interruption lets jobs tidy up and keep their checkpoint, or ends what waits for it; the second ends the process. */
class Interruption {
  readonly #app: App;
  readonly #out: Output;
  #interrupted = false;
  #awaiting: (() => void) | undefined;

  constructor(app: App, out: Output) {
    this.#app = app;
    this.#out = out;
    process.on('SIGINT', this.#interrupt).on('SIGTERM', this.#interrupt);
  }

  awaited(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaiting = resolve;
    });
  }

  ignore(): void {
    process.off('SIGINT', this.#interrupt).off('SIGTERM', this.#interrupt);
  }

  readonly #interrupt = () => {
    const something = this.#awaiting || this.#app.jobs.busyWith();
    if (this.#interrupted || !something) process.exit(130);
    this.#interrupted = true;
    this.#out.progressEnded();
    if (!this.#out.json) console.error('Stopping. Interrupt again to quit at once.');
    void this.#app.jobs.cancelAll();
    this.#awaiting?.();
  };
}
