import type { Program } from '../tensor/program.ts';

export type DeviceKind = 'reference' | 'cpu' | 'webgpu';

/** Runs programs. Everything it holds is freed by `dispose`. */
export interface Device {
  readonly kind: DeviceKind;
  /** For a person: "2 CPU threads (ONNX Runtime 1.30.0)", "NVIDIA H200 (WebGPU)". */
  readonly description: string;
  compile(program: Program): Promise<Executable>;
  dispose(): Promise<void>;
}

/**
 * Arrays by input name; lengths bind the program's symbolic sizes. An index array that was fed once must not be
 * changed afterwards: what devices derive from it is kept for as long as the array itself.
 */
export type Feed = Readonly<Record<string, Float32Array | Int32Array>>;

/** A program made ready for one device. Calls must not overlap: await each before the next. */
export interface Executable {
  readonly program: Program;
  /**
   * Runs once: takes every input but those of `program.state`, which the device keeps, returns the outputs in row-major
   * order, and replaces the state. Throws `device` when the device was lost.
   */
  run(feed: Feed): Promise<Record<string, Float32Array>>;
  /** Sets one state entry; all must be set before the first run. */
  setState(name: string, values: Float32Array): Promise<void>;
  /** A copy of a state entry as the last run left it. */
  getState(name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}
