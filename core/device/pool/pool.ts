import { availableParallelism, totalmem } from 'node:os';
import * as ort from 'onnxruntime-node';
import { EtalonError } from '../../base/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Device, Executable, Feed } from '../types.ts';
import { DeviceThread } from './deviceThread.ts';

/** Ours: what one thread can prepare inputs for. */
const MOST_DEVICES = 8;
/** Ours: a device's runtime and its run, at most; half of the memory is for others. */
const DEVICE_BYTES = 2 ** 29;

/** One device for each core, within what feeds them and what memory holds. */
export function poolSize(cores = availableParallelism(), memoryBytes = totalmem()): number {
  return Math.max(1, Math.min(cores, MOST_DEVICES, Math.floor(memoryBytes / 2 / DEVICE_BYTES)));
}

/**
 * CPU devices of one thread, each on a thread of its own, that share the runs of each program between them: small programs run faster
 * side by side than with several threads each, and their caller goes on meanwhile. Programs with a state are refused. Results do not
 * depend on the number of devices.
 */
export class DevicePool implements Device {
  readonly kind = 'cpu';
  readonly description: string;
  readonly #threads: DeviceThread[];
  #executables = 0;

  constructor(size = poolSize()) {
    this.description = `${size} CPU device${size === 1 ? '' : 's'} of one thread (ONNX Runtime ${ort.env.versions.node})`;
    this.#threads = Array.from({ length: size }, () => new DeviceThread());
  }

  async compile(program: Program, fixed: Feed = {}): Promise<Executable> {
    if (program.state.length > 0)
      throw new EtalonError('internal', 'internal: a pool of devices takes no program with a state');
    const executable = this.#executables++;
    await this.#everywhere((thread) => thread.call({ kind: 'compile', executable, program, fixed }));
    return new PoolExecutable(program, this.#threads, executable);
  }

  async dispose(): Promise<void> {
    await this.#everywhere((thread) => thread.end());
  }

  async #everywhere(ask: (thread: DeviceThread) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#threads.map(ask));
  }
}

class PoolExecutable implements Executable {
  readonly program: Program;
  readonly sideBySide: number;
  readonly #threads: readonly DeviceThread[];
  readonly #number: number;
  #disposed = false;

  constructor(program: Program, threads: readonly DeviceThread[], number: number) {
    this.program = program;
    this.sideBySide = threads.length;
    this.#threads = threads;
    this.#number = number;
  }

  async run(feed: Feed): Promise<Record<string, Float32Array>> {
    if (this.#disposed) throw new EtalonError('internal', 'internal: this program was disposed of');
    const idlest = this.#threads.reduce((a, b) => (b.pending < a.pending ? b : a));
    return idlest.call({ kind: 'run', executable: this.#number, feed });
  }

  async setState(name: string): Promise<void> {
    throw noState(name);
  }

  async getState(name: string): Promise<Float32Array> {
    throw noState(name);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.all(
      this.#threads.map((thread) => thread.call({ kind: 'dispose', executable: this.#number })),
    );
  }
}

function noState(name: string): EtalonError {
  return new EtalonError('internal', `internal: the program has no state "${name}"`);
}
