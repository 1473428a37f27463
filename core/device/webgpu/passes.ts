import type { GpuContext, Pipeline } from './context.ts';
import type { Dispatch, Dispatches } from './dispatches.ts';
import { USAGE } from './flags.ts';
import type { Plan } from './plan/plan.ts';
import type { PlanBuffers } from './planBuffers.ts';

/** Encodes a plan's kernels: their pipelines, made when first wanted, and their bind groups. */
export class Passes {
  readonly #context: GpuContext;
  readonly #plan: Plan;
  readonly #buffers: PlanBuffers;
  readonly #dispatches: Dispatches;
  /** By kernel and variant. */
  readonly #pipelines: (Pipeline | undefined)[][];
  /** By parity of the states; made anew after some buffer grew. */
  #bindGroups: [GPUBindGroup[]?, GPUBindGroup[]?] = [];

  constructor(context: GpuContext, plan: Plan, buffers: PlanBuffers, dispatches: Dispatches) {
    this.#context = context;
    this.#plan = plan;
    this.#buffers = buffers;
    this.#dispatches = dispatches;
    this.#pipelines = plan.kernels.map(() => []);
  }

  /** Makes the pipelines that `encode` needs. */
  async prepare(dispatches: readonly Dispatch[]): Promise<void> {
    const missing = dispatches.flatMap(({ variant }, i) => (this.#pipelines[i][variant] ? [] : [i]));
    await Promise.all(missing.map((i) => this.prepareVariant(i, dispatches[i].variant)));
  }

  async prepareVariant(kernel: number, variant: number): Promise<void> {
    const { name, reads, writes, variants } = this.#plan.kernels[kernel];
    const { source } = variants[variant];
    this.#pipelines[kernel][variant] = await this.#context.pipeline({ name, source, reads, writes });
  }

  forgetBuffers(): void {
    this.#bindGroups = [];
  }

  /** All kernels in their order: in one pass, or each in a pass of its own that is timed. */
  encode(
    encoder: GPUCommandEncoder,
    dispatches: readonly Dispatch[],
    parity: 0 | 1,
    timed?: TimedPasses,
  ): void {
    let pass: GPUComputePassEncoder | undefined = timed ? undefined : encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    dispatches.forEach((dispatch, i) => {
      if (dispatch.across === 0) return;
      if (timed) pass = timed.begin(encoder, i);
      if (timed) current = undefined;
      current = this.encodeOne(pass!, i, dispatch, parity, current);
      if (timed) pass!.end();
    });
    if (!timed) pass!.end();
  }

  /** One kernel; `current` is the pipeline that the pass has set. */
  encodeOne(
    pass: GPUComputePassEncoder,
    kernel: number,
    { variant, across, down }: Dispatch,
    parity: 0 | 1,
    current?: GPUComputePipeline,
  ): GPUComputePipeline {
    const { pipeline } = this.#pipelines[kernel][variant]!;
    if (pipeline !== current) pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#groups(parity)[kernel]);
    pass.dispatchWorkgroups(across, down);
    return pipeline;
  }

  #groups(parity: 0 | 1): GPUBindGroup[] {
    let groups = this.#bindGroups[parity];
    if (!groups) {
      groups = this.#plan.kernels.map((_, i) => this.#bindGroup(i, parity));
      this.#bindGroups[parity] = groups;
    }
    return groups;
  }

  #bindGroup(at: number, parity: 0 | 1): GPUBindGroup {
    const { reads, writes } = this.#plan.kernels[at];
    const buffers = [...reads, ...writes].map((root) => ({ buffer: this.#buffers.buffer(root, parity) }));
    return this.#context.handle.createBindGroup({
      layout: this.#context.bindGroupLayout(reads.length, writes.length),
      entries: [this.#dispatches.binding(at), ...buffers].map((resource, binding) => ({ binding, resource })),
    });
  }
}

/** Queries that one set holds at most, by the WebGPU specification. */
const SET_QUERIES = 4096;
const STAMP_BYTES = 8;

/** Passes with a time stamp at either end. */
export class TimedPasses {
  readonly #context: GpuContext;
  readonly #count: number;
  readonly #sets: GPUQuerySet[];
  readonly #resolved: GPUBuffer;
  readonly #used = new Set<number>();

  constructor(context: GpuContext, count: number) {
    this.#context = context;
    this.#count = count;
    const sets = Math.ceil((2 * count) / SET_QUERIES);
    this.#sets = Array.from({ length: sets }, (_, i) =>
      context.handle.createQuerySet({
        type: 'timestamp',
        count: Math.min(SET_QUERIES, 2 * count - i * SET_QUERIES),
      }),
    );
    const usage = USAGE.QUERY_RESOLVE | USAGE.COPY_SRC;
    this.#resolved = context.createBuffer(
      'time stamps',
      Math.max(sets, 1) * SET_QUERIES * STAMP_BYTES,
      usage,
    );
  }

  begin(encoder: GPUCommandEncoder, at: number): GPUComputePassEncoder {
    this.#used.add(at);
    const query = (2 * at) % SET_QUERIES;
    return encoder.beginComputePass({
      timestampWrites: {
        querySet: this.#sets[Math.floor((2 * at) / SET_QUERIES)],
        beginningOfPassWriteIndex: query,
        endOfPassWriteIndex: query + 1,
      },
    });
  }

  /** Submits, waits, and gives the milliseconds of each pass, 0 for those never begun. */
  async read(encoder: GPUCommandEncoder): Promise<Float64Array> {
    const bytes = 2 * this.#count * STAMP_BYTES;
    this.#sets.forEach((set, i) => {
      encoder.resolveQuerySet(set, 0, set.count, this.#resolved, i * SET_QUERIES * STAMP_BYTES);
    });
    const copied = await this.#context.readBack(bytes, encoder, (staging) => {
      if (bytes > 0) encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, bytes);
    });
    const stamps = new BigUint64Array(copied);
    // A clock that steps back between two stamps says nothing.
    return Float64Array.from({ length: this.#count }, (_, i) =>
      this.#used.has(i) ? Math.max(0, Number(stamps[2 * i + 1] - stamps[2 * i])) / 1e6 : 0,
    );
  }

  destroy(): void {
    for (const set of this.#sets) set.destroy();
    this.#resolved.destroy();
  }
}
