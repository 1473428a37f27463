import { createHash } from 'node:crypto';
import * as ort from 'onnxruntime-node';
import { toEtalonError } from '../../base/index.ts';

/** Sessions that nobody uses: a training's step and its forward program, twice. */
const MOST_IDLE = 4;

/** Those given back, by the key of what they were made from; the one longest unused first. */
const idle: { key: string; session: ort.InferenceSession }[] = [];

/** A session in use, until it is given back. */
export interface LentSession {
  readonly session: ort.InferenceSession;
  giveBack(): Promise<void>;
}

/**
 * Makes a session of a graph, or hands out an idle one of the same graph and threads. To make one takes seconds for the step of a
 * large network, most of it spent on planning memory, and the same program is compiled again by a second pass over all days, the
 * next window of a rolling evaluation, the next run with these settings. Sessions have no state of their own.
 */
export async function lendSession(bytes: Uint8Array, threads: number): Promise<LentSession> {
  const key = `${threads}/${createHash('sha256').update(bytes).digest('hex')}`;
  const at = idle.findIndex((entry) => entry.key === key);
  const session = at >= 0 ? idle.splice(at, 1)[0].session : await createSession(bytes, threads);
  return {
    session,
    async giveBack() {
      idle.push({ key, session });
      if (idle.length > MOST_IDLE) await idle.shift()!.session.release();
    },
  };
}

async function createSession(bytes: Uint8Array, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableCpuMemArena: true,
      // Patterns are kept for each combination of input shapes, and every batch has its own.
      enableMemPattern: false,
      logSeverityLevel: 3,
      // Threads that spin for long between operations take the cores from whatever else runs: beside other work on
      // two cores a step took up to 3.4 times as long. Without any spinning, idle cores take a tenth longer.
      extra: { session: { intra_op: { spin_duration_us: '50' } } },
    });
  } catch (thrown) {
    throw toEtalonError(thrown);
  }
}
