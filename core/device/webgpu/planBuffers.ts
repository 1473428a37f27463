import type { Feed } from '../types.ts';
import { GrowingBuffer } from './buffers.ts';
import type { GpuContext } from './context.ts';
import { USAGE } from './flags.ts';
import type { SegmentLayout } from './kernels/segmentSum/segments.ts';
import { evaluate, type Sizes } from './plan/extent.ts';
import type { Plan, Storage } from './plan/plan.ts';

export const BYTES = 4;

/** Two buffers of a state entry: a run reads one and writes the other, then they change places. */
export interface StateBuffers {
  buffers: [GPUBuffer, GPUBuffer];
  count: number;
  isSet: boolean;
}

/** All buffers of a plan but those of the uniform blocks. */
export class PlanBuffers {
  readonly states = new Map<string, StateBuffers>();
  readonly #context: GpuContext;
  readonly #plan: Plan;
  readonly #slots: GrowingBuffer[];
  /** Buffers of inputs, constants and segment layouts, by root. */
  readonly #owned = new Map<number, GrowingBuffer>();
  readonly #uploadedLayouts = new Map<number, SegmentLayout>();
  #peakBytes = 0;

  constructor(context: GpuContext, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
    this.#slots = plan.slots.map((_, i) => new GrowingBuffer(context, `values ${i}`));
    const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
    for (const { name, count } of plan.states) {
      const make = () => context.createBuffer(`state ${name}`, count * BYTES, usage);
      this.states.set(name, { buffers: [make(), make()], count, isSet: false });
    }
    plan.storage.forEach((storage, root) => {
      if (storage.kind === 'slot' || storage.kind === 'state' || storage.kind === 'nextState') return;
      const buffer = new GrowingBuffer(context, labelOf(storage));
      this.#owned.set(root, buffer);
      if (storage.kind !== 'constant') return;
      buffer.reserve(storage.values.length * BYTES);
      context.handle.queue.writeBuffer(buffer.buffer, 0, Float32Array.from(storage.values));
    });
  }

  /** Bytes held, the most so far. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /**
   * Makes room for a run. Returns whether some buffer was made anew, so that bind groups must be.
   * Throws `device` when the GPU lacks the memory; everything that can be made again is then freed.
   */
  async reserve(sizes: Sizes, feed: Feed, layouts: ReadonlyMap<number, SegmentLayout>): Promise<boolean> {
    const wanted = this.#wanted(sizes, feed, layouts);
    const growing = wanted.filter(({ buffer, bytes }) => !buffer.holds(bytes));
    if (growing.length === 0) return false;
    try {
      await this.#context.allocate(() => {
        for (const { buffer, bytes, root } of growing) {
          buffer.reserve(bytes);
          if (root !== undefined) this.#uploadedLayouts.delete(root);
        }
      });
    } catch (error) {
      this.release();
      throw error;
    }
    this.#peakBytes = Math.max(this.#peakBytes, this.#heldBytes());
    return true;
  }

  #wanted(sizes: Sizes, feed: Feed, layouts: ReadonlyMap<number, SegmentLayout>) {
    const wanted: { buffer: GrowingBuffer; bytes: number; root?: number }[] = this.#plan.slots.map(
      ({ extent, bytes }, i) => ({ buffer: this.#slots[i], bytes: evaluate(extent, sizes) * bytes }),
    );
    for (const [root, buffer] of this.#owned) {
      const storage = this.#plan.storage[root];
      if (storage.kind === 'input') wanted.push({ buffer, bytes: feed[storage.name].length * BYTES, root });
      if (storage.kind === 'segments')
        wanted.push({ buffer, bytes: layouts.get(root)!.data.length * BYTES, root });
    }
    return wanted;
  }

  /** Queues what a run reads; the queue keeps copies, so that it need not wait for the run before. */
  upload(feed: Feed, layouts: ReadonlyMap<number, SegmentLayout>): void {
    const { queue } = this.#context.handle;
    for (const [root, { buffer }] of this.#owned) {
      const storage = this.#plan.storage[root];
      if (storage.kind === 'input') queue.writeBuffer(buffer, 0, contiguous(feed[storage.name]));
      if (storage.kind !== 'segments') continue;
      const layout = layouts.get(root)!;
      if (this.#uploadedLayouts.get(root) === layout) continue;
      queue.writeBuffer(buffer, 0, layout.data);
      this.#uploadedLayouts.set(root, layout);
    }
  }

  /** The buffer of a root; `parity` tells which of a state's two is the current one. */
  buffer(root: number, parity: 0 | 1): GPUBuffer {
    const storage = this.#plan.storage[root];
    if (storage.kind === 'slot') return this.#slots[storage.slot].buffer;
    if (storage.kind === 'state') return this.states.get(storage.name)!.buffers[parity];
    if (storage.kind === 'nextState') return this.states.get(storage.name)!.buffers[1 - parity];
    return this.#owned.get(root)!.buffer;
  }

  /** Frees all but constants and states: after a failure some may be invalid; the next run asks for them again. */
  release(): void {
    for (const slot of this.#slots) slot.destroy();
    for (const [root, buffer] of this.#owned)
      if (this.#plan.storage[root].kind !== 'constant') buffer.destroy();
    this.#uploadedLayouts.clear();
  }

  destroy(): void {
    for (const buffer of [...this.#slots, ...this.#owned.values()]) buffer.destroy();
    for (const { buffers } of this.states.values()) for (const buffer of buffers) buffer.destroy();
  }

  #heldBytes(): number {
    const growing = [...this.#slots, ...this.#owned.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return [...this.states.values()].reduce((sum, { count }) => sum + 2 * count * BYTES, growing);
  }
}

function labelOf(storage: Storage): string {
  if (storage.kind === 'input') return `input "${storage.name}"`;
  return storage.kind === 'segments' ? `segments of "${storage.index}"` : storage.kind;
}

/** writeBuffer takes no shared memory. */
export function contiguous(
  values: Float32Array | Int32Array,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return values.buffer instanceof ArrayBuffer
    ? (values as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)
    : values.slice();
}
