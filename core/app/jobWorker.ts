import { parentPort, workerData } from 'node:worker_threads';
import { type Progress, toEtalonError } from '../base/index.ts';
import { openProject } from '../project/index.ts';
import type { JobCommand, JobMessage, WorkerRequest } from './jobTypes.ts';
import type { Models, Samples, TrainContext } from './model.ts';

/** Of progress reports closer together than this only the last is sent, but always the first and last of a stage. */
const REPORT_INTERVAL_MS = 100;

export interface WorkerParts {
  models: Models;
  samples: Samples;
}

/** The whole of a shell's worker module: does the one job, or serves the reads, that the thread was started for. */
export function runJobWorker(parts: WorkerParts): void {
  const request = workerData as WorkerRequest;
  if (request.role === 'reader') void runReader(parts, request);
  else void runJob(parts, request);
}

async function runReader(
  { models }: WorkerParts,
  request: WorkerRequest & { role: 'reader' },
): Promise<void> {
  const { serveReader } = await import('./reader.ts');
  serveReader(models, request.projectPath, request.port);
}

async function runJob(parts: WorkerParts, request: WorkerRequest & { role: 'job' }): Promise<void> {
  const port = parentPort!;
  const post = (message: JobMessage) => port.postMessage(message);
  const cancel = new AbortController();
  const stop = new AbortController();
  port.on('message', (command: JobCommand) => (command === 'cancel' ? cancel : stop).abort());
  const context: TrainContext = {
    signal: cancel.signal,
    stop: stop.signal,
    device: 'device' in request.job ? request.job.device : 'auto',
    report: throttled((progress) => post({ type: 'progress', progress })),
  };
  try {
    const { performJob } = await import('./tasks.ts');
    const store = openProject(request.projectPath);
    let result: unknown;
    try {
      result = await performJob(parts, store, request.job, context);
    } finally {
      store.close();
    }
    post({ type: 'done', result });
  } catch (error) {
    post({ type: 'failed', error: toEtalonError(error).toJSON() });
  }
}

function throttled(report: (progress: Progress) => void): (progress: Progress) => void {
  let stage: string | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let held: NodeJS.Timeout | undefined;
  const send = (progress: Progress) => {
    clearTimeout(held);
    held = undefined;
    stage = progress.stage;
    last = performance.now();
    report(progress);
  };
  return (progress) => {
    const due = progress.stage !== stage || progress.done === progress.total;
    const wait = due ? 0 : last + REPORT_INTERVAL_MS - performance.now();
    if (wait <= 0) return send(progress);
    // The next report may be long in coming: this one is only put off.
    clearTimeout(held);
    held = setTimeout(send, wait, progress);
  };
}
