import { EtalonError } from '../../base/index.ts';
import type { GpuContext } from './context.ts';
import { USAGE } from './flags.ts';
import type { Kernel } from './kernels/kernel.ts';
import type { Sizes } from './plan/extent.ts';

/** One kernel of a run: which variant of it, and workgroups across and down. */
export interface Dispatch {
  readonly variant: number;
  readonly across: number;
  readonly down: number;
}

interface Bound {
  uniforms: Uint8Array<ArrayBuffer>;
  dispatches: readonly Dispatch[];
}

/** The number of a kernel's variant to take at the sizes at hand. */
export type Choice = (kernel: Kernel, sizes: Sizes) => number;

/** Sets of sizes whose dispatches are remembered. */
const REMEMBERED_SIZES = 64;
const FIELD_BYTES = 4;
/** Uniform blocks lie at multiples of this: the specification's default `minUniformBufferOffsetAlignment`. */
const ALIGNMENT = 256;

/** What depends on the sizes of a run: how far each kernel is dispatched, and the uniform blocks, all in one buffer. */
export class Dispatches {
  readonly #context: GpuContext;
  readonly #kernels: readonly Kernel[];
  readonly #choice: Choice;
  readonly #offsets: readonly number[];
  readonly #bytes: number;
  readonly #buffer: GPUBuffer;
  readonly #bound = new Map<string, Bound>();
  #uploadedKey: string | undefined;

  constructor(context: GpuContext, kernels: readonly Kernel[], choice: Choice) {
    this.#context = context;
    this.#kernels = kernels;
    this.#choice = choice;
    let end = 0;
    this.#offsets = kernels.map(({ parameters }) => {
      const at = end;
      end += ALIGNMENT * Math.ceil((parameters.length * FIELD_BYTES) / ALIGNMENT);
      return at;
    });
    this.#bytes = end;
    this.#buffer = context.createBuffer('uniforms', end, USAGE.UNIFORM | USAGE.COPY_DST);
  }

  /** Uploads the uniform blocks for the sizes and tells how far to dispatch each kernel. */
  bind(sizes: Sizes): readonly Dispatch[] {
    const key = keyOf(sizes);
    let bound = this.#bound.get(key);
    if (!bound) {
      bound = {
        uniforms: this.#encode(sizes),
        dispatches: this.#kernels.map((kernel) => this.dispatch(kernel, this.#choice(kernel, sizes), sizes)),
      };
      const [oldest] = this.#bound.keys();
      if (this.#bound.size >= REMEMBERED_SIZES) this.#bound.delete(oldest);
      this.#bound.set(key, bound);
    }
    if (this.#uploadedKey !== key) this.#context.handle.queue.writeBuffer(this.#buffer, 0, bound.uniforms);
    this.#uploadedKey = key;
    return bound.dispatches;
  }

  /** Whether the same sizes were bound not long ago. */
  knows(sizes: Sizes): boolean {
    return this.#bound.has(keyOf(sizes));
  }

  /** Forgets which variants were chosen: others may have been found better. */
  forget(): void {
    this.#bound.clear();
  }

  /** The uniform block of a kernel. */
  binding(kernel: number): GPUBufferBinding {
    const { parameters } = this.#kernels[kernel];
    const size = Math.ceil((parameters.length * FIELD_BYTES) / 16) * 16;
    return { buffer: this.#buffer, offset: this.#offsets[kernel], size };
  }

  destroy(): void {
    this.#buffer.destroy();
  }

  #encode(sizes: Sizes): Uint8Array<ArrayBuffer> {
    const uniforms = new Uint8Array(this.#bytes);
    const view = new DataView(uniforms.buffer);
    this.#kernels.forEach(({ parameters }, i) => {
      parameters.forEach(({ type, value }, field) => {
        const at = this.#offsets[i] + field * FIELD_BYTES;
        if (type === 'u32') view.setUint32(at, value(sizes), true);
        else view.setFloat32(at, value(sizes), true);
      });
    });
    return uniforms;
  }

  dispatch({ name, variants }: Kernel, variant: number, sizes: Sizes): Dispatch {
    const limit = this.#context.handle.limits.maxComputeWorkgroupsPerDimension;
    const count = variants[variant].workgroups(sizes);
    const across = Math.min(count, limit);
    const down = Math.ceil(count / Math.max(across, 1));
    if (down > limit)
      throw new EtalonError('device', `Kernel ${name} needs ${count} workgroups.`, {
        remedy: 'Use smaller batches.',
      });
    return { variant, across, down };
  }
}

function keyOf(sizes: Sizes): string {
  return [...sizes.values()].join();
}
