import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import { encodeGraph, lowerProgram } from '../../onnx/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Device, Executable, Feed } from '../types.ts';
import { CpuExecutable } from './cpuExecutable.ts';
import { lendSession } from './sessions.ts';

export interface CpuDeviceOptions {
  /** Threads of one run, the caller's included; by default one for each core. */
  threads?: number;
}

/**
 * Programs as ONNX graphs run by ONNX Runtime. A run blocks the thread it is called on: give long work a worker.
 * The same program, inputs and number of threads give the same bits.
 */
export async function createCpuDevice({
  threads = availableParallelism(),
}: CpuDeviceOptions = {}): Promise<Device> {
  const open = new Set<Executable>();
  return {
    kind: 'cpu',
    description: `${threads} CPU thread${threads === 1 ? '' : 's'} (ONNX Runtime ${ort.env.versions.node})`,
    async compile(program: Program, fixed: Feed = {}): Promise<Executable> {
      const segmentSums = threads === 1 ? 'serial' : 'buckets';
      const lowered = lowerProgram(program, { segmentSums, baked: fixed });
      const bytes = encodeGraph(lowered.graph, {
        doc: '',
        metadata: {},
        producer: { name: 'etalon', version: '' },
      });
      const lent = await lendSession(bytes, threads);
      const executable = new CpuExecutable({ program, fixed, lowered, lent }, () => open.delete(executable));
      open.add(executable);
      return executable;
    },
    async dispose(): Promise<void> {
      for (const executable of [...open]) await executable.dispose();
    },
  };
}
