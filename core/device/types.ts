import type { EtalonError } from '../base/index.ts';
import type { Program } from '../tensor/program.ts';

export type DeviceKind = 'reference' | 'cpu' | 'webgpu';

/** Runs programs. Everything it holds is freed by `dispose`. */
export interface Device {
  readonly kind: DeviceKind;
  /** For a person: "2 CPU threads (ONNX Runtime 1.30.0)", "NVIDIA H200 (WebGPU)". */
  readonly description: string;
  /**
   * Resolves with what happened when the device goes away by itself (driver reset, eviction, unplugged); never rejects, and
   * never resolves for a device that was disposed of. Absent on devices that cannot be lost.
   */
  readonly lost?: Promise<EtalonError>;
  /** `fixed` are inputs of static shape that are the same in every run, such as the weights of a trained model: runs are not given them. */
  compile(program: Program, fixed?: Feed): Promise<Executable>;
  dispose(): Promise<void>;
}

/**
 * Arrays by input name; lengths bind the program's symbolic sizes. An array must not be changed until the run it was
 * given to has ended; an index array never: what devices derive from it is kept for as long as the array itself.
 */
export type Feed = Readonly<Record<string, Float32Array | Int32Array>>;

/** What one kernel of a run took, and what it had to do at least. */
export interface KernelTime {
  /** The family and the nodes of the program that it computes: "matmul %12 + binary %14". */
  name: string;
  family: string;
  ms: number;
  /** Bytes that had to be read and written, each once. */
  bytes: number;
  flops: number;
}

/** A program made ready for one device. */
export interface Executable {
  readonly program: Program;
  /** Runs that are carried out at the same time; 1 where absent. */
  readonly sideBySide?: number;
  /**
   * Runs once: takes every input but the fixed ones and those of `program.state`, which the device keeps, returns the outputs in row-major
   * order, and replaces the state. A run may be called before the one before it has ended: they are carried out in
   * the order of the calls, so a device need not stand still while results are read. A run that fails leaves the
   * state as it was; when others were called behind it, they fail with it and the state must be set anew.
   * Throws `device` when the device was lost or its memory does not suffice.
   */
  run(feed: Feed): Promise<Record<string, Float32Array>>;
  /** Sets one state entry, after the runs called before; all must be set before the first run. */
  setState(name: string, values: Float32Array): Promise<void>;
  /** A copy of a state entry as the runs called before leave it. */
  getState(name: string): Promise<Float32Array>;
  /** Like `run`, every kernel timed by itself, in their order. Absent on devices that do not time kernels. */
  profile?(feed: Feed): Promise<KernelTime[]>;
  /** Bytes of device memory that it holds, the most so far. Absent where it is not known. */
  readonly peakBytes?: number;
  dispose(): Promise<void>;
}
