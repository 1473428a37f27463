import type { GpuContext } from './context.ts';
import { USAGE } from './flags.ts';

const STORAGE_USAGE = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;

/** A storage buffer that grows by half at least, so that batches of varying size soon stop asking for more. */
export class GrowingBuffer {
  readonly #context: GpuContext;
  readonly #label: string;
  #buffer: GPUBuffer | undefined;

  constructor(context: GpuContext, label: string) {
    this.#context = context;
    this.#label = label;
  }

  get buffer(): GPUBuffer {
    return this.#buffer!;
  }

  /** Makes room for `bytes`; the contents are lost when it has to grow. Returns whether it did. */
  reserve(bytes: number): boolean {
    const held = this.#buffer?.size ?? 0;
    if (this.#buffer && held >= bytes) return false;
    const grown = Math.min(1.5 * held, this.#context.bufferLimit);
    const next = this.#context.createBuffer(this.#label, Math.max(bytes, grown), STORAGE_USAGE);
    this.#buffer?.destroy();
    this.#buffer = next;
    return true;
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = undefined;
  }
}
