import { EtalonError } from '../../base/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Device, Executable, Feed } from '../types.ts';
import { GpuContext } from './context.ts';
import { openDawn } from './dawn.ts';
import { WebGpuExecutable } from './executable.ts';
import { readFeatures, subgroupsInOrder, wantedFeatures } from './features.ts';
import type { Half } from './kernels/kernel.ts';
import { fitsTile, type MatrixUnits } from './kernels/matmul/matrixUnits.ts';
import { type LowerOptions, lower } from './plan/lower.ts';
import { matrixUnitsAreRight } from './proof.ts';
import { type TuningStore, tuningFile } from './tuning/store.ts';
import { Tuner } from './tuning/tuner.ts';

export interface WebGpuOptions {
  /** Take a software renderer (SwiftShader), which is a check of correctness and slower than the CPU device. */
  software?: boolean;
  /** The GPU object to use instead of the `webgpu` package's Dawn, such as `navigator.gpu`. */
  gpu?: GPU;
  /**
   * Where measured kernel variants are remembered, or null to measure nothing and choose by size. By default a file; a
   * software renderer has one variant of each kernel and nothing to measure.
   */
  tuning?: TuningStore | null;
  /** Off, every operation has kernels of its own. */
  fusion?: boolean;
  /**
   * Store the rows of the forward half as f16; sums stay f32. Half the memory traffic, and a relative error of 5e-4 in each
   * stored value. A software renderer without f16 rounds as if it had it.
   */
  f16?: boolean;
  /**
   * With f16: offer Chromium's experimental matrix units, where the adapter has them, they are found right at the start, and
   * they are measured to be faster. Operands of products are then rounded to f16.
   */
  matrixUnits?: boolean;
}

/** The adapter that {@link createWebGpuDevice} would take by default, or null where there is none. Throws `device` when the library does not load. */
export async function probeWebGpu(): Promise<{ name: string; software: boolean } | null> {
  const opened = await openDawn(false);
  return opened && { name: adapterName(opened.adapter), software: isSoftware(opened.adapter) };
}

/**
 * Opens a GPU that runs programs with our WGSL kernels.
 * Throws `device` when there is none, or only a software renderer that was not asked for.
 */
export async function createWebGpuDevice(options: WebGpuOptions = {}): Promise<Device> {
  const { software = false, gpu, fusion = true } = options;
  const opened = gpu ? await openGiven(gpu, software) : await openDawn(software, options.matrixUnits);
  if (!opened) throw noAdapter(software);
  const { adapter } = opened;
  const name = adapterName(adapter);
  if (isSoftware(adapter) && !software)
    throw new EtalonError('device', `The only WebGPU adapter, "${name}", is a software renderer.`, {
      remedy: 'Use the CPU, which is faster: --device cpu.',
    });
  const handle = await adapter.requestDevice({
    requiredFeatures: wantedFeatures(adapter),
    requiredLimits: raisedLimits(adapter),
  });
  const context = new GpuContext(handle, name, readFeatures(adapter));
  const { subgroupLanes } = context.features;
  const half = options.f16 ? halfOf(adapter, name) : undefined;
  const lowering: LowerOptions = {
    maxBindings: context.maxBindings,
    fusion,
    oneTile: software && options.tuning === undefined,
    subgroupLanes: subgroupLanes > 0 && (await subgroupsInOrder(context)) ? subgroupLanes : 0,
    ...(half && { half }),
  };
  const units = options.matrixUnits && half === 'f16' ? unitsOf(context) : undefined;
  if (units && (await matrixUnitsAreRight(context, lowering, units))) lowering.matrixUnits = units;
  const store = options.tuning === undefined && !software ? tuningFile() : options.tuning;
  const tuner = store ? new Tuner(context, adapterKey(adapter), store) : undefined;
  const kind = isSoftware(adapter) ? 'WebGPU, software' : 'WebGPU';
  return new WebGpuDevice(opened.gpu, context, `${name} (${kind})`, lowering, tuner);
}

function halfOf(adapter: GPUAdapter, name: string): Half {
  if (adapter.features.has('shader-f16')) return 'f16';
  if (isSoftware(adapter)) return 'rounded';
  throw new EtalonError('device', `The GPU "${name}" has no half-precision arithmetic (shader-f16).`, {
    remedy: 'Leave f16 out.',
  });
}

function unitsOf({ features: { matrixShape, subgroupLanes } }: GpuContext): MatrixUnits | undefined {
  return matrixShape && fitsTile(matrixShape) ? { shape: matrixShape, subgroupLanes } : undefined;
}

function raisedLimits({ limits }: GPUAdapter) {
  const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = limits;
  return { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize };
}

/** An adapter and its driver, whose version Vulkan gives in the description. */
function adapterKey({ info }: GPUAdapter): string {
  return [info.vendor, info.architecture, info.device, info.description].join(' / ');
}

async function openGiven(gpu: GPU, software: boolean): Promise<{ gpu: GPU; adapter: GPUAdapter } | null> {
  const adapter = await gpu.requestAdapter(
    software ? { forceFallbackAdapter: true } : { powerPreference: 'high-performance' },
  );
  return adapter && { gpu, adapter };
}

function noAdapter(software: boolean): EtalonError {
  if (!software)
    return new EtalonError('device', 'There is no GPU that WebGPU can use.', {
      remedy: 'Use the CPU: --device cpu.',
    });
  return new EtalonError('device', 'WebGPU gives no software adapter.', {
    remedy: 'Set VK_ICD_FILENAMES to the path of vk_swiftshader_icd.json before the program starts.',
  });
}

function adapterName({ info }: GPUAdapter): string {
  return (
    readable(info.device) ||
    info.description ||
    [info.vendor, info.architecture].filter(Boolean).join(' ') ||
    'GPU'
  );
}

/** Dawn gives names as identifiers: `nvidia-h200` → NVIDIA H200. */
function readable(identifier: string): string {
  const words = identifier.split('-').filter(Boolean);
  return words
    .map((word) =>
      /\d|^nvidia$|^.{1,3}$/.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1),
    )
    .join(' ');
}

function isSoftware({ info }: GPUAdapter): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|\bcpu\b/i.test(words);
}

class WebGpuDevice implements Device {
  readonly kind = 'webgpu';
  readonly description: string;
  /** Dawn ends with its GPU object: it is held as long as the device. */
  readonly gpu: GPU;
  readonly lost: Promise<EtalonError>;
  readonly #context: GpuContext;
  readonly #lowering: LowerOptions;
  readonly #tuner: Tuner | undefined;
  readonly #executables = new Set<WebGpuExecutable>();

  constructor(
    gpu: GPU,
    context: GpuContext,
    description: string,
    lowering: LowerOptions,
    tuner: Tuner | undefined,
  ) {
    this.gpu = gpu;
    this.lost = context.lost;
    this.description = description;
    this.#context = context;
    this.#lowering = lowering;
    this.#tuner = tuner;
  }

  async compile(program: Program, fixed: Feed = {}): Promise<Executable> {
    this.#context.check();
    const plan = lower(program, this.#lowering);
    // Those of which there is one way only; the others are made when sizes tell which is wanted.
    const single = plan.kernels.filter(({ variants }) => variants.length === 1);
    await Promise.all(
      single.map(({ name, reads, writes, variants: [{ source }] }) =>
        this.#context.pipeline({ name, source, reads, writes }),
      ),
    );
    const executable = new WebGpuExecutable({ program, fixed, plan }, this.#context, this.#tuner, () =>
      this.#executables.delete(executable),
    );
    this.#executables.add(executable);
    return executable;
  }

  async dispose(): Promise<void> {
    for (const executable of [...this.#executables]) await executable.dispose();
    this.#context.destroy();
  }
}
