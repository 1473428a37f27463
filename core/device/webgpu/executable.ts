import { EtalonError } from '../../base/index.ts';
import { bindSizes, type Dim, type Program } from '../../tensor/program.ts';
import { Calls } from '../calls.ts';
import type { Executable, Feed, KernelTime } from '../types.ts';
import type { GpuContext } from './context.ts';
import { type Dispatch, Dispatches } from './dispatches.ts';
import { scanIndex, segmentLayout } from './indices.ts';
import type { SegmentLayout } from './kernels/segmentSum/segments.ts';
import { Passes, TimedPasses } from './passes.ts';
import { evaluate, type Sizes } from './plan/extent.ts';
import type { Plan } from './plan/plan.ts';
import { BYTES, contiguous, PlanBuffers, type StateBuffers } from './planBuffers.ts';
import type { Tuner } from './tuning/tuner.ts';

/** A run that was submitted and whose results are awaited. */
interface Flight {
  /** Which state buffers were current before it. */
  readonly parity: 0 | 1;
  readonly bytes: Promise<ArrayBuffer>;
  readonly outputs: readonly { name: string; at: number; count: number }[];
  /** Why it counts as failed although its own results may come: an earlier one failed. */
  failed?: unknown;
}

/** A run made ready: everything it reads is on its way to the GPU. */
interface Ready {
  sizes: Map<string, number>;
  dispatches: readonly Dispatch[];
}

/** A program, the inputs that are the same in every run, and how it is computed. */
interface PlannedProgram {
  program: Program;
  fixed: Feed;
  plan: Plan;
}

/** A plan on a device: its buffers, its state, and one submission a run. */
export class WebGpuExecutable implements Executable {
  readonly program: Program;
  readonly #fixed: Feed;
  readonly profile?: (feed: Feed) => Promise<KernelTime[]>;
  readonly #context: GpuContext;
  readonly #plan: Plan;
  readonly #tuner: Tuner | undefined;
  readonly #onDispose: () => void;
  readonly #buffers: PlanBuffers;
  readonly #dispatches: Dispatches;
  readonly #passes: Passes;
  readonly #calls = new Calls();
  readonly #flights: Flight[] = [];
  /** The program of the fed inputs alone, whose arrays bind the sizes. */
  readonly #fed: Program;
  /** Which buffer of every state entry is the current one. */
  #parity: 0 | 1 = 0;
  #disposed = false;

  constructor(
    { program, fixed, plan }: PlannedProgram,
    context: GpuContext,
    tuner: Tuner | undefined,
    onDispose: () => void,
  ) {
    this.program = program;
    this.#fixed = fixed;
    this.#context = context;
    this.#plan = plan;
    this.#tuner = tuner;
    this.#onDispose = onDispose;
    const states = new Set(plan.states.map(({ name }) => name));
    const nodes = program.nodes.filter(({ op }) => op.kind === 'input' && !states.has(op.name));
    this.#fed = { nodes, outputs: [], state: [] };
    this.#dispatches = new Dispatches(
      context,
      plan.kernels,
      (kernel, sizes) => tuner?.choice(kernel, sizes) ?? kernel.choose(sizes),
    );
    this.#buffers = new PlanBuffers(context, plan);
    this.#passes = new Passes(context, plan, this.#buffers, this.#dispatches);
    if (context.features.timestamps) this.profile = (feed) => this.#calls.enqueue(() => this.#profile(feed));
  }

  get peakBytes(): number {
    return this.#buffers.peakBytes;
  }

  async run(feed: Feed): Promise<Record<string, Float32Array>> {
    const flight = await this.#calls.enqueue(() => this.#submit(feed));
    try {
      const bytes = await flight.bytes;
      if (flight.failed) throw flight.failed;
      return Object.fromEntries(
        flight.outputs.map(({ name, at, count }) => [
          name,
          new Float32Array(bytes.slice(at * BYTES, (at + count) * BYTES)),
        ]),
      );
    } catch (error) {
      this.#fail(flight, error);
      throw error;
    } finally {
      const at = this.#flights.indexOf(flight);
      if (at >= 0) this.#flights.splice(at, 1);
    }
  }

  async setState(name: string, values: Float32Array): Promise<void> {
    return this.#calls.enqueue(async () => {
      this.#assertOpen();
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
    return this.#calls.enqueue(async () => {
      this.#assertOpen();
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
    await this.#calls.enqueue(async () => {}).catch(() => {});
    this.#buffers.destroy();
    this.#dispatches.destroy();
    this.#onDispose();
  }

  /** Hands a run to the GPU and does not wait for it. */
  async #submit(feed: Feed): Promise<Flight> {
    const { sizes, dispatches } = await this.#prepare(feed);
    const encoder = this.#context.handle.createCommandEncoder();
    this.#passes.encode(encoder, dispatches, this.#parity);
    this.#copyStates(encoder);
    const outputs = this.#outputRanges(sizes);
    const total = outputs.reduce((sum, { count }) => sum + count, 0);
    const bytes = this.#context.readBack(total * BYTES, encoder, (staging) => {
      for (const { place, at, count } of outputs)
        if (count > 0)
          encoder.copyBufferToBuffer(
            this.#buffers.buffer(place.root, this.#parity),
            place.offset * BYTES,
            staging,
            at * BYTES,
            count * BYTES,
          );
    });
    const flight: Flight = { parity: this.#parity, bytes, outputs };
    this.#flights.push(flight);
    this.#turnStates();
    return flight;
  }

  /** Like a run, each kernel between two time stamps; outputs are not read. */
  async #profile(feed: Feed): Promise<KernelTime[]> {
    const { sizes, dispatches } = await this.#prepare(feed);
    const encoder = this.#context.handle.createCommandEncoder();
    const timed = new TimedPasses(this.#context, dispatches.length);
    try {
      this.#passes.encode(encoder, dispatches, this.#parity, timed);
      this.#copyStates(encoder);
      const ms = await timed.read(encoder);
      this.#turnStates();
      return this.#plan.kernels.flatMap(({ name, cost }, i) =>
        dispatches[i].across === 0 ? [] : [{ name, family: name.split(' ')[0], ms: ms[i], ...cost(sizes) }],
      );
    } finally {
      timed.destroy();
    }
  }

  async #prepare(given: Feed): Promise<Ready> {
    this.#assertOpen();
    const feed = { ...this.#fixed, ...given };
    for (const [name, { isSet }] of this.#buffers.states)
      if (!isSet) throw new EtalonError('internal', `internal: state "${name}" was not set before the run`);
    const { sizes, layouts } = this.#bind(feed);
    if (await this.#buffers.reserve(sizes, feed, layouts)) this.#passes.forgetBuffers();
    this.#buffers.upload(feed, layouts);
    const isNew = !this.#dispatches.knows(sizes);
    let dispatches = this.#dispatches.bind(sizes);
    if (isNew && (await this.#tune(sizes))) {
      this.#dispatches.forget();
      dispatches = this.#dispatches.bind(sizes);
    }
    await this.#passes.prepare(dispatches);
    return { sizes, dispatches };
  }

  /** Whether better variants were found for kernels that were not tried at such sizes before. */
  async #tune(sizes: Sizes): Promise<boolean> {
    if (!this.#tuner) return false;
    return this.#tuner.tune({
      kernels: this.#plan.kernels,
      sizes,
      passes: this.#passes,
      parity: this.#parity,
      dispatch: (kernel, variant) => this.#dispatches.dispatch(kernel, variant, sizes),
    });
  }

  /** A failed run leaves the state as it was, unless others were built on it, which then fail with it. */
  #fail(flight: Flight, error: unknown): void {
    this.#passes.forgetBuffers();
    this.#buffers.release();
    if (flight.failed) return;
    const behind = this.#flights.slice(this.#flights.indexOf(flight) + 1);
    if (behind.length === 0) this.#parity = flight.parity;
    for (const later of behind) later.failed ??= error;
    if (behind.length > 0) for (const state of this.#buffers.states.values()) state.isSet = false;
  }

  #copyStates(encoder: GPUCommandEncoder): void {
    for (const { name, place, count } of this.#plan.stateCopies)
      encoder.copyBufferToBuffer(
        this.#buffers.buffer(place.root, this.#parity),
        place.offset * BYTES,
        this.#state(name).buffers[1 - this.#parity],
        0,
        count * BYTES,
      );
  }

  #turnStates(): void {
    this.#parity = this.#parity === 0 ? 1 : 0;
  }

  #assertOpen(): void {
    this.#context.check();
    if (this.#disposed) throw new EtalonError('device', 'The program was disposed of.');
  }

  #state(name: string): StateBuffers {
    const state = this.#buffers.states.get(name);
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
