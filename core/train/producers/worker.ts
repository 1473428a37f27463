import { parentPort, workerData } from 'node:worker_threads';
import { type EtalonErrorData, toEtalonError } from '../../base/index.ts';
import { type BatchSlot, Ring, type RingHandle } from './ring.ts';

/** What a producer thread is started with. */
export interface ProducerStart {
  ring: RingHandle;
  input: unknown;
}

/** What a producer thread says last: that it ends in good order, or why not. `batch` is null when it could not begin. */
export type ProducerMessage = 'done' | { batch: number | null; error: EtalonErrorData };

/** Fills a slot with one batch, which must depend on nothing but the input and the batch's number. */
export type MakeBatch = (batch: number, slot: BatchSlot) => void;

/**
 * The whole of a producer's worker module: prepares once (samplers, tables), then makes batches until there are no more, the ring
 * is closed, or one fails.
 */
export function runProducer<Input>(prepare: (input: Input) => MakeBatch): void {
  const { ring: handle, input } = workerData as ProducerStart;
  const post = (message: ProducerMessage) => parentPort!.postMessage(message);
  let make: MakeBatch;
  try {
    make = prepare(input as Input);
  } catch (thrown) {
    post({ batch: null, error: toEtalonError(thrown).toJSON() });
    return;
  }
  makeBatches(new Ring(handle), make, post);
}

function makeBatches(ring: Ring, make: MakeBatch, post: (message: ProducerMessage) => void): void {
  for (let batch = ring.takeTicket(); batch >= 0; batch = ring.takeTicket()) {
    if (!ring.waitUntilFree(batch)) break;
    const slot = ring.slot(batch);
    slot.clear();
    try {
      make(batch, slot);
    } catch (thrown) {
      post({ batch, error: toEtalonError(thrown).toJSON() });
      slot.markFailed();
      ring.publish(batch);
      return;
    }
    ring.publish(batch);
  }
  post('done');
}
