import { type MessagePort, parentPort } from 'node:worker_threads';
import { toEtalonError } from '../../base/index.ts';
import { createCpuDevice } from '../cpu/cpuDevice.ts';
import type { Executable } from '../types.ts';
import type { ThreadAnswer, ThreadMessage, ThreadRequest } from './messages.ts';

/** The thread of a pool's device: carries out what the pool asks, one call after another. */
const port = parentPort as MessagePort;
const device = await createCpuDevice({ threads: 1 });
const executables = new Map<number, Executable>();
const nothing = {};

let last: Promise<void> = Promise.resolve();
port.on('message', ({ call, ...request }: ThreadMessage) => {
  last = last.then(() => answer(call, request));
});

async function answer(call: number, request: ThreadRequest): Promise<void> {
  const said = await carryOut(request).then(
    (outputs): ThreadAnswer => ({ call, outputs }),
    (thrown: unknown): ThreadAnswer => ({ call, error: toEtalonError(thrown).toJSON() }),
  );
  port.postMessage(said);
  if (request.kind === 'end') port.close();
}

async function carryOut(request: ThreadRequest): Promise<Record<string, Float32Array>> {
  switch (request.kind) {
    case 'compile':
      executables.set(request.executable, await device.compile(request.program, request.fixed));
      return nothing;
    case 'run':
      return executables.get(request.executable)!.run(request.feed);
    case 'dispose':
      await executables.get(request.executable)?.dispose();
      executables.delete(request.executable);
      return nothing;
    case 'end':
      await device.dispose();
      return nothing;
    default:
      throw request satisfies never;
  }
}
