import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import { toEtalonError } from '../../base/index.ts';
import { encodeGraph, lowerProgram } from '../../onnx/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Device, Executable, Feed } from '../types.ts';
import { CpuExecutable } from './cpuExecutable.ts';

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
      const session = await createSession(bytes, threads);
      const executable = new CpuExecutable({ program, fixed, lowered, session }, () =>
        open.delete(executable),
      );
      open.add(executable);
      return executable;
    },
    async dispose(): Promise<void> {
      for (const executable of [...open]) await executable.dispose();
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
