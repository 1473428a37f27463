import { EtalonError } from '../../base/index.ts';
import { bindSizes, type Dim, type Program } from '../../tensor/program.ts';
import type { Executable, Feed } from '../types.ts';
import { GrowingBuffer } from './buffers.ts';
import type { GpuContext, Pipeline } from './context.ts';
import { type Dispatch, Dispatches } from './dispatches.ts';
import { USAGE } from './flags.ts';
import { scanIndex, segmentLayout } from './indices.ts';
import type { SegmentLayout } from './kernels/segmentSum/segments.ts';
import { evaluate } from './plan/extent.ts';
import type { Plan, Storage } from './plan/plan.ts';

const BYTES = 4;

/** Two buffers of a state entry: a run reads one and writes the other, then they change places. */
interface StateBuffers {
  buffers: [GPUBuffer, GPUBuffer];
  count: number;
  isSet: boolean;
}

/** A plan on a device: its buffers, its state, and one submission a run. */
export class WebGpuExecutable implements Executable {
  readonly program: Program;
  readonly #context: GpuContext;
  readonly #plan: Plan;
  readonly #pipelines: readonly Pipeline[];
  readonly #onDispose: () => void;
  readonly #slots: GrowingBuffer[];
  /** Buffers of inputs, constants and segment layouts, by root. */
  readonly #owned = new Map<number, GrowingBuffer>();
  readonly #states = new Map<string, StateBuffers>();
  readonly #dispatches: Dispatches;
  /** The program of the fed inputs alone, whose arrays bind the sizes. */
  readonly #fed: Program;
  readonly #uploadedLayouts = new Map<number, SegmentLayout>();
  /** Which buffer of every state entry is the current one. */
  #parity: 0 | 1 = 0;
  /** By parity; made anew after some buffer grew. */
  #bindGroups: [GPUBindGroup[]?, GPUBindGroup[]?] = [];
  #busy = false;
  #disposed = false;

  constructor(
    program: Program,
    context: GpuContext,
    plan: Plan,
    pipelines: readonly Pipeline[],
    onDispose: () => void,
  ) {
    this.program = program;
    this.#context = context;
    this.#plan = plan;
    this.#pipelines = pipelines;
    this.#onDispose = onDispose;
    const states = new Set(plan.states.map(({ name }) => name));
    const nodes = program.nodes.filter(({ op }) => op.kind === 'input' && !states.has(op.name));
    this.#fed = { nodes, outputs: [], state: [] };
    const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
    this.#dispatches = new Dispatches(context, plan.kernels);
    this.#slots = plan.slots.map((_, i) => new GrowingBuffer(context, `values ${i}`));
    for (const { name, count } of plan.states) {
      const make = () => context.createBuffer(`state ${name}`, count * BYTES, usage);
      this.#states.set(name, { buffers: [make(), make()], count, isSet: false });
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

  async run(feed: Feed): Promise<Record<string, Float32Array>> {
    return this.#alone(async () => {
      for (const [name, { isSet }] of this.#states)
        if (!isSet)
          throw new EtalonError('internal', `internal: state "${name}" was not set before the first run`);
      const { sizes, layouts } = this.#bind(feed);
      this.#reserve(sizes, feed, layouts);
      this.#upload(feed, layouts);
      const dispatches = this.#dispatches.bind(sizes);

      const encoder = this.#context.handle.createCommandEncoder();
      this.#encode(encoder, dispatches);
      for (const { name, place, count } of this.#plan.stateCopies)
        encoder.copyBufferToBuffer(
          this.#buffer(place.root),
          place.offset * BYTES,
          this.#states.get(name)!.buffers[1 - this.#parity],
          0,
          count * BYTES,
        );
      const parts = this.#outputRanges(sizes);
      const total = parts.reduce((sum, { count }) => sum + count, 0);
      const values = this.#context.readBack(total * BYTES, encoder, (staging) => {
        for (const { place, at, count } of parts)
          if (count > 0)
            encoder.copyBufferToBuffer(
              this.#buffer(place.root),
              place.offset * BYTES,
              staging,
              at * BYTES,
              count * BYTES,
            );
      });
      const bytes = await values.catch((error) => {
        this.#releaseBuffers();
        throw error;
      });
      // Not before: a run that fails leaves the state as it was.
      this.#parity = this.#parity === 0 ? 1 : 0;
      return Object.fromEntries(
        parts.map(({ name, at, count }) => [
          name,
          new Float32Array(bytes.slice(at * BYTES, (at + count) * BYTES)),
        ]),
      );
    });
  }

  async setState(name: string, values: Float32Array): Promise<void> {
    return this.#alone(async () => {
      const state = this.#state(name);
      if (values.length !== state.count)
        throw new EtalonError(
          'internal',
          `internal: state "${name}" has ${state.count} values, not ${values.length}`,
        );
      this.#context.handle.queue.writeBuffer(state.buffers[this.#parity], 0, contiguous(values));
      state.isSet = true;
    });
  }

  async getState(name: string): Promise<Float32Array> {
    return this.#alone(async () => {
      const { buffers, count, isSet } = this.#state(name);
      if (!isSet) throw new EtalonError('internal', `internal: state "${name}" was not set`);
      const encoder = this.#context.handle.createCommandEncoder();
      const bytes = await this.#context.readBack(count * BYTES, encoder, (staging) => {
        if (count > 0) encoder.copyBufferToBuffer(buffers[this.#parity], 0, staging, 0, count * BYTES);
      });
      return new Float32Array(bytes);
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#bindGroups = [];
    for (const buffer of [...this.#slots, ...this.#owned.values()]) buffer.destroy();
    for (const { buffers } of this.#states.values()) for (const buffer of buffers) buffer.destroy();
    this.#dispatches.destroy();
    this.#onDispose();
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#context.check();
    if (this.#disposed) throw new EtalonError('device', 'The program was disposed of.');
    if (this.#busy) throw new EtalonError('internal', 'internal: calls of one executable must not overlap');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** After a failure some buffers may be invalid (memory ran out); the next run asks for them again. */
  #releaseBuffers(): void {
    this.#bindGroups = [];
    for (const slot of this.#slots) slot.destroy();
    for (const [root, buffer] of this.#owned)
      if (this.#plan.storage[root].kind !== 'constant') buffer.destroy();
  }

  #state(name: string): StateBuffers {
    const state = this.#states.get(name);
    if (!state) throw new EtalonError('internal', `internal: the program has no state "${name}"`);
    return state;
  }

  /** Every size of the run, and the segment layouts by root; index arrays are checked on the way. */
  #bind(feed: Feed): { sizes: Map<string, number>; layouts: Map<number, SegmentLayout> } {
    const sizes = bindSizes(this.#fed, feed);
    const rowsOf = (dim: Dim) => (typeof dim === 'number' ? dim : sizes.get(dim)!);
    const hashes = new Map<string, number>();
    const scans = new Map<string, ReturnType<typeof scanIndex>>();
    for (const { name, rows } of this.#plan.indexBounds) {
      const known = scans.get(name) ?? scanIndex(name, feed[name] as Int32Array);
      scans.set(name, known);
      known.check(rowsOf(rows));
      hashes.set(name, known.scan.hash);
    }
    const layouts = new Map<number, SegmentLayout>();
    this.#plan.storage.forEach((storage, root) => {
      if (storage.kind !== 'segments') return;
      const { index, rows, chunks, hubs } = storage;
      const layout = segmentLayout(feed[index] as Int32Array, rowsOf(rows), hashes.get(index)!);
      layouts.set(root, layout);
      sizes.set(chunks, layout.chunks).set(hubs, layout.hubs);
    });
    for (const [symbol, value] of this.#plan.derived) sizes.set(symbol, value(sizes));
    return { sizes, layouts };
  }

  #reserve(sizes: Map<string, number>, feed: Feed, layouts: Map<number, SegmentLayout>): void {
    let grew = false;
    this.#plan.slots.forEach((extent, i) => {
      if (this.#slots[i].reserve(evaluate(extent, sizes) * BYTES)) grew = true;
    });
    for (const [root, buffer] of this.#owned) {
      const storage = this.#plan.storage[root];
      const length =
        storage.kind === 'input'
          ? feed[storage.name].length
          : storage.kind === 'segments'
            ? layouts.get(root)!.data.length
            : 0;
      if (!buffer.reserve(length * BYTES)) continue;
      grew = true;
      this.#uploadedLayouts.delete(root);
    }
    if (grew) this.#bindGroups = [];
  }

  #upload(feed: Feed, layouts: Map<number, SegmentLayout>): void {
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

  #encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void {
    this.#bindGroups[this.#parity] ??= this.#plan.kernels.map((_, i) => this.#bindGroup(i));
    const groups = this.#bindGroups[this.#parity]!;
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    dispatches.forEach(([across, down], i) => {
      if (across === 0) return;
      const { pipeline } = this.#pipelines[i];
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, groups[i]);
      pass.dispatchWorkgroups(across, down);
    });
    pass.end();
  }

  #bindGroup(at: number): GPUBindGroup {
    const { reads, writes } = this.#plan.kernels[at];
    const buffers = [...reads, ...writes].map((root) => ({ buffer: this.#buffer(root) }));
    return this.#context.handle.createBindGroup({
      layout: this.#pipelines[at].layout,
      entries: [this.#dispatches.binding(at), ...buffers].map((resource, binding) => ({ binding, resource })),
    });
  }

  #buffer(root: number): GPUBuffer {
    const storage = this.#plan.storage[root];
    if (storage.kind === 'slot') return this.#slots[storage.slot].buffer;
    if (storage.kind === 'state') return this.#states.get(storage.name)!.buffers[this.#parity];
    if (storage.kind === 'nextState') return this.#states.get(storage.name)!.buffers[1 - this.#parity];
    return this.#owned.get(root)!.buffer;
  }

  /** Where each output lies in the buffer that is read back, in elements. */
  #outputRanges(sizes: Map<string, number>) {
    let end = 0;
    return this.#plan.outputs.map(({ name, place, extent }) => {
      const count = evaluate(extent, sizes);
      const at = end;
      end += count;
      return { name, place, at, count };
    });
  }
}

function labelOf(storage: Storage): string {
  if (storage.kind === 'input') return `input "${storage.name}"`;
  return storage.kind === 'segments' ? `segments of "${storage.index}"` : storage.kind;
}

/** writeBuffer takes no shared memory. */
function contiguous(values: Float32Array | Int32Array): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return values.buffer instanceof ArrayBuffer
    ? (values as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)
    : values.slice();
}
