import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answerOf } from '../../core/api/client.ts';
import type { CallProgress } from '../../core/api/contract.ts';
import { withProgress } from '../../core/app/answering.ts';
import { EtalonError, type TaskContext, throwIfCancelled } from '../../core/base/index.ts';

const never = new AbortController().signal;

/** Counts to ten, three milliseconds each. */
async function counting(context: TaskContext): Promise<string> {
  for (let done = 0; done < 10; done++) {
    throwIfCancelled(context.signal);
    context.report({ stage: 'Counting', done, total: 10 });
    await sleep(3);
  }
  return 'ten';
}

describe('a call that says how far it is', () => {
  it('reports in order and gives its answer at the end', async () => {
    const told: CallProgress[] = [];
    const answer = await answerOf(Promise.resolve(withProgress(never, counting)), (progress) =>
      told.push(progress),
    );
    expect(answer).toBe('ten');
    const done = told.map(({ progress }) => progress.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done[0]).toBe(0);
    expect(done.length).toBeGreaterThan(2);
  });

  it('tells a slow listener the newest', async () => {
    const call = withProgress(never, async ({ report }) => {
      for (let done = 0; done <= 5; done++) report({ stage: 'Counting', done });
      await sleep(20);
      return 5;
    });
    expect((await call.next()).value).toMatchObject({ progress: { done: 5 } });
    expect(await call.next()).toEqual({ done: true, value: 5 });
  });

  it('says what is left by the pace so far', async () => {
    const told: CallProgress[] = [];
    const call = withProgress(never, async ({ report }) => {
      for (let done = 0; done < 8; done++) {
        report({ stage: 'Counting', done, total: 20 });
        await sleep(200);
      }
    });
    await answerOf(Promise.resolve(call), (progress) => told.push(progress));
    expect(told[0].secondsLeft).toBeNull();
    const { progress, secondsLeft } = told.at(-1)!;
    expect(progress.done).toBe(7);
    // 13 counts of a fifth of a second, or more on a machine that is busy.
    expect(secondsLeft).toBeGreaterThan(2);
  });

  it('fails as its work does', async () => {
    const call = withProgress(never, async () => {
      throw new EtalonError('conflict', 'No trips.');
    });
    await expect(call.next()).rejects.toThrow('No trips.');
  });

  it('ends its work when it is cancelled, and when nobody listens any more', async () => {
    const abort = new AbortController();
    const cancelled = withProgress(abort.signal, counting);
    await cancelled.next();
    abort.abort();
    await expect(answerOf(Promise.resolve(cancelled))).rejects.toMatchObject({ code: 'cancelled' });

    let signal: AbortSignal | undefined;
    const left = withProgress(never, (context) => {
      signal = context.signal;
      return counting(context);
    });
    await left.next();
    await left.return(undefined as never);
    expect(signal?.aborted).toBe(true);
  });
});
