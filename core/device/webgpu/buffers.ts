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

  get bytes(): number {
    return this.#buffer?.size ?? 0;
  }

  holds(bytes: number): boolean {
    return this.#buffer !== undefined && this.#buffer.size >= bytes;
  }

  /** Makes room for `bytes`; the contents are lost when it has to grow. */
  reserve(bytes: number): void {
    if (this.holds(bytes)) return;
    const grown = Math.min(1.5 * this.bytes, this.#context.bufferLimit);
    const next = this.#context.createBuffer(this.#label, Math.max(bytes, grown), STORAGE_USAGE);
    this.#buffer?.destroy();
    this.#buffer = next;
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = undefined;
  }
}
