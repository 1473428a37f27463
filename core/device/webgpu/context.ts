import { EtalonError } from '../../base/index.ts';
import { type Features, NO_FEATURES } from './features.ts';
import { MAP_READ, STAGE_COMPUTE, USAGE } from './flags.ts';

/** More bindings than this a fused kernel does not gain from. */
const MAX_BINDINGS = 16;

export interface Pipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** What a pipeline is made from: its source, and how many buffers it reads and writes. */
export interface PipelineSource {
  readonly name: string;
  readonly source: string;
  readonly reads: readonly unknown[];
  readonly writes: readonly unknown[];
}

/** A GPUDevice with what the executables on it share: pipelines, buffers to read back through, and its end. */
export class GpuContext {
  readonly handle: GPUDevice;
  readonly features: Features;
  /** Resolves when the device went away by itself. */
  readonly lost: Promise<EtalonError>;
  readonly #pipelines = new Map<string, Promise<Pipeline>>();
  readonly #layouts = new Map<string, { layout: GPUBindGroupLayout; pipelineLayout: GPUPipelineLayout }>();
  readonly #idleStaging: GPUBuffer[] = [];
  /** Rejections of the calls under way, for when the device is lost. */
  readonly #waiting = new Set<(reason: EtalonError) => void>();
  #disposed = false;
  #end: EtalonError | undefined;
  #fault: EtalonError | undefined;

  constructor(handle: GPUDevice, name: string, features: Features = NO_FEATURES) {
    this.handle = handle;
    this.features = features;
    handle.addEventListener('uncapturederror', (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      this.#fault ??= describeFault(error);
    });
    this.lost = new Promise((resolve) => {
      void handle.lost.then(({ reason, message }) => {
        const why = `The GPU "${name}" was lost (${reason}): ${message || 'no reason given'}`;
        const remedy = 'Start again, with --device cpu if it happens again.';
        const loss = new EtalonError('device', why, { remedy });
        if (!this.#disposed) resolve(loss);
        this.#finish(loss);
      });
    });
  }

  get maxBindings(): number {
    return Math.min(this.handle.limits.maxStorageBuffersPerShaderStage, MAX_BINDINGS);
  }

  /** Throws when the device is gone, or when it reported an error since the last check. */
  check(): void {
    if (this.#end) throw this.#end;
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault) throw fault;
  }

  /** Waits for the GPU; rejects with the reason as soon as the device is lost. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let stop!: (reason: EtalonError) => void;
    const ended = new Promise<never>((_, reject) => {
      stop = reject;
    });
    if (this.#end) stop(this.#end);
    this.#waiting.add(stop);
    // A loss also breaks the work itself, with an error that says less: the loss has a moment to be told.
    const patient = work.catch(async (error) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw error;
    });
    try {
      return await Promise.race([patient, ended]);
    } finally {
      this.#waiting.delete(stop);
    }
  }

  destroy(): void {
    this.#disposed = true;
    this.#finish(new EtalonError('device', 'The WebGPU device was disposed of.'));
    for (const buffer of this.#idleStaging) buffer.destroy();
    this.#idleStaging.length = 0;
    this.handle.destroy();
  }

  #finish(reason: EtalonError): void {
    this.#end ??= reason;
    for (const stop of this.#waiting) stop(this.#end);
    this.#waiting.clear();
  }

  /** A buffer of at least `bytes`. Throws `device` when the GPU does not take buffers of that size. */
  createBuffer(label: string, bytes: number, usage: number): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const limit = this.bufferLimit;
    if (size > limit)
      throw new EtalonError(
        'device',
        `${label} needs ${megabytes(size)} in one buffer; this GPU takes ${megabytes(limit)}.`,
        { remedy: 'Use smaller batches or a narrower model.' },
      );
    return this.handle.createBuffer({ label, size, usage });
  }

  /**
   * Makes buffers, and waits until the GPU says that it had the memory for them.
   * Throws `device` with a remedy when it had not; what `make` made is then to be destroyed.
   */
  async allocate(make: () => void): Promise<void> {
    this.handle.pushErrorScope('out-of-memory');
    let pending: Promise<GPUError | null> | undefined;
    try {
      make();
    } finally {
      pending = this.handle.popErrorScope();
      pending.catch(() => {});
    }
    const error = await this.wait(pending);
    if (error) throw outOfMemory(error.message);
  }

  get bufferLimit(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.handle.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** The pipeline of a kernel; kernels of the same source share it. Throws `internal` naming the kernel when it does not compile. */
  pipeline(kernel: PipelineSource): Promise<Pipeline> {
    let known = this.#pipelines.get(kernel.source);
    if (!known) {
      known = this.#compile(kernel);
      this.#pipelines.set(kernel.source, known);
    }
    return known;
  }

  async #compile({ name, source, reads, writes }: PipelineSource): Promise<Pipeline> {
    const { layout, pipelineLayout } = this.#layout(reads.length, writes.length);
    // What is wrong with the source is told below, by name; the scope keeps it from being told twice.
    this.handle.pushErrorScope('validation');
    const module = this.handle.createShaderModule({ label: name, code: source });
    void this.handle.popErrorScope();
    const { messages } = await this.wait(module.getCompilationInfo());
    const error = messages.find(({ type }) => type === 'error');
    if (error) {
      const line = source.split('\n')[error.lineNum - 1]?.trim();
      throw new EtalonError(
        'internal',
        `internal: kernel ${name} does not compile: ${error.message} (line ${error.lineNum}: ${line})`,
      );
    }
    const descriptor = { label: name, layout: pipelineLayout, compute: { module, entryPoint: 'main' } };
    const pipeline = await this.wait(this.handle.createComputePipelineAsync(descriptor)).catch((cause) => {
      if (cause instanceof EtalonError) throw cause;
      throw new EtalonError('internal', `internal: kernel ${name} gives no pipeline: ${cause}`, { cause });
    });
    return { pipeline, layout };
  }

  bindGroupLayout(reads: number, writes: number): GPUBindGroupLayout {
    return this.#layout(reads, writes).layout;
  }

  #layout(reads: number, writes: number) {
    const key = `${reads},${writes}`;
    let known = this.#layouts.get(key);
    if (!known) {
      const types: GPUBufferBindingType[] = [
        'uniform',
        ...Array<GPUBufferBindingType>(reads).fill('read-only-storage'),
        ...Array<GPUBufferBindingType>(writes).fill('storage'),
      ];
      const entries = types.map((type, binding) => ({
        binding,
        visibility: STAGE_COMPUTE,
        buffer: { type },
      }));
      const layout = this.handle.createBindGroupLayout({ entries });
      const pipelineLayout = this.handle.createPipelineLayout({ bindGroupLayouts: [layout] });
      known = { layout, pipelineLayout };
      this.#layouts.set(key, known);
    }
    return known;
  }

  /** Bytes of GPU buffers: copies recorded by `record` into a mappable buffer, submitted, awaited and copied out. */
  async readBack(
    bytes: number,
    encoder: GPUCommandEncoder,
    record: (staging: GPUBuffer) => void,
  ): Promise<ArrayBuffer> {
    const staging = this.#takeStaging(bytes);
    record(staging);
    this.handle.queue.submit([encoder.finish()]);
    try {
      await this.wait(staging.mapAsync(MAP_READ, 0, Math.max(bytes, 4)));
      this.check();
      const copy = staging.getMappedRange(0, Math.max(bytes, 4)).slice(0, bytes);
      staging.unmap();
      this.#idleStaging.push(staging);
      return copy;
    } catch (error) {
      staging.destroy();
      this.check();
      throw error;
    }
  }

  #takeStaging(bytes: number): GPUBuffer {
    const at = this.#idleStaging.findIndex(({ size }) => size >= bytes);
    if (at >= 0) return this.#idleStaging.splice(at, 1)[0];
    // One that is too small would only pile up beside its successor.
    this.#idleStaging.pop()?.destroy();
    const roomy = Math.min(1.5 * bytes, this.bufferLimit);
    return this.createBuffer('results', Math.max(bytes, roomy), USAGE.MAP_READ | USAGE.COPY_DST);
  }
}

function describeFault(error: GPUError): EtalonError {
  if (error.constructor.name === 'GPUOutOfMemoryError') return outOfMemory(error.message);
  return new EtalonError('internal', `internal: WebGPU: ${error.message}`);
}

function outOfMemory(why: string): EtalonError {
  return new EtalonError('device', `The GPU is out of memory: ${why}`, {
    remedy: 'Use smaller batches or a narrower model.',
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
