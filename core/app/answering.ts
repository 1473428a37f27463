import type { CallProgress } from '../api/contract.ts';
import type { Progress, TaskContext } from '../base/index.ts';
import { Changes } from './changes.ts';
import { TimeLeft } from './timeLeft.ts';

/**
 * Carries out what a call asks for, and yields how far it is until the answer is there. A slow listener gets the newest report and
 * misses those before it. The work is cancelled when the signal aborts or the listener goes away. Rejects as the work does.
 */
export async function* withProgress<Answer>(
  signal: AbortSignal,
  work: (context: TaskContext) => Promise<Answer>,
): AsyncGenerator<CallProgress, Answer, void> {
  const left = new AbortController();
  const changes = new Changes();
  const timeLeft = new TimeLeft();
  const nowS = () => performance.now() / 1000;
  let newest: Progress | undefined;
  let isDone = false;
  const answer = work({
    signal: AbortSignal.any([signal, left.signal]),
    report(progress) {
      newest = progress;
      timeLeft.report(progress, nowS());
      changes.notify();
    },
  }).finally(() => {
    isDone = true;
    changes.notify();
  });
  // Until it is awaited nobody else looks at its failure.
  answer.catch(() => undefined);
  try {
    let told: Progress | undefined;
    while (!isDone && !signal.aborted) {
      if (newest === told || newest === undefined) await changes.next(signal);
      else {
        told = newest;
        yield { progress: told, secondsLeft: timeLeft.secondsLeft(nowS()) };
      }
    }
    return await answer;
  } finally {
    left.abort();
  }
}
