import type { EtalonErrorData } from '../../base/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Feed } from '../types.ts';

/** What a thread is asked to do; executables are known by numbers that the pool gives. */
export type ThreadRequest =
  | { kind: 'compile'; executable: number; program: Program; fixed: Feed }
  | { kind: 'run'; executable: number; feed: Feed }
  | { kind: 'dispose'; executable: number }
  /** Frees the device; the thread then ends by itself. */
  | { kind: 'end' };

export type ThreadMessage = ThreadRequest & { call: number };

/** The answer to a call; a run's outputs by name, empty for the others. */
export type ThreadAnswer =
  | { call: number; outputs: Record<string, Float32Array> }
  | { call: number; error: EtalonErrorData };
