import { EtalonError } from '../../base/index.ts';
import type { Program } from '../../tensor/program.ts';
import type { Device, Executable } from '../types.ts';
import { GpuContext } from './context.ts';
import { openDawn } from './dawn.ts';
import { WebGpuExecutable } from './executable.ts';
import { lower } from './plan/lower.ts';

export interface WebGpuOptions {
  /** Take a software renderer (SwiftShader), which is a check of correctness and slower than the CPU device. */
  software?: boolean;
  /** The GPU object to use instead of the `webgpu` package's Dawn, such as `navigator.gpu`. */
  gpu?: GPU;
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
export async function createWebGpuDevice({ software = false, gpu }: WebGpuOptions = {}): Promise<Device> {
  const opened = gpu ? await openGiven(gpu, software) : await openDawn(software);
  if (!opened) throw noAdapter(software);
  const { adapter } = opened;
  const name = adapterName(adapter);
  if (isSoftware(adapter) && !software)
    throw new EtalonError('device', `The only WebGPU adapter, "${name}", is a software renderer.`, {
      remedy: 'Use the CPU, which is faster: --device cpu.',
    });
  const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const handle = await adapter.requestDevice({
    requiredLimits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize },
  });
  const kind = isSoftware(adapter) ? 'WebGPU, software' : 'WebGPU';
  return new WebGpuDevice(opened.gpu, new GpuContext(handle, name), `${name} (${kind})`);
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
  readonly #context: GpuContext;
  readonly #executables = new Set<WebGpuExecutable>();

  constructor(gpu: GPU, context: GpuContext, description: string) {
    this.gpu = gpu;
    this.#context = context;
    this.description = description;
  }

  async compile(program: Program): Promise<Executable> {
    this.#context.check();
    const plan = lower(program, this.#context.maxBindings);
    const pipelines = await Promise.all(plan.kernels.map((kernel) => this.#context.pipeline(kernel)));
    const executable = new WebGpuExecutable(program, this.#context, plan, pipelines, () =>
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
