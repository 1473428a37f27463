import { EtalonError } from '../base/index.ts';
import { createCpuDevice } from './cpu/index.ts';
import { DevicePool } from './pool/index.ts';
import type { Device } from './types.ts';

/** `auto` takes a real GPU, else the CPU; a software adapter only by its name. */
export type DeviceChoice = 'auto' | 'cpu' | 'webgpu' | 'webgpu:software';

/** What a GPU is asked for; the CPU takes no notice. */
export interface GpuOptions {
  /** Store rows of the forward half in half precision: faster, with a relative error of 5e-4 in each stored value. */
  f16?: boolean;
  /** With f16: products by experimental matrix units, where they are found right and faster. */
  matrixUnits?: boolean;
}

export interface DeviceInfo {
  id: 'cpu' | 'webgpu';
  /** "NVIDIA H200", "2 CPU threads (ONNX Runtime 1.30.0)". */
  name: string;
  available: boolean;
  /** Why it is not available, or why it would be slow (a software adapter). */
  note: string | null;
  /** What `auto` takes. */
  preferred: boolean;
}

/**
 * Opens a device; its `description` says which one `auto` took.
 * Throws `device` when the one asked for by name is not there.
 */
export function openDevice(choice: DeviceChoice, options: GpuOptions = {}): Promise<Device> {
  return open(choice, options, createCpuDevice);
}

/** The same for many runs that do not wait for each other: of the CPU a {@link DevicePool}. A GPU is one device, as ever. */
export function openPool(choice: DeviceChoice, options: GpuOptions = {}): Promise<Device> {
  return open(choice, options, async () => new DevicePool());
}

async function open(
  choice: DeviceChoice,
  options: GpuOptions,
  openCpu: () => Promise<Device>,
): Promise<Device> {
  switch (choice) {
    case 'cpu':
      return openCpu();
    case 'webgpu':
    case 'webgpu:software':
      return openWebGpu(choice === 'webgpu:software', options);
    case 'auto': {
      const { adapter } = await probeWebGpu();
      if (!adapter || adapter.software) return openCpu();
      // A GPU that answers but gives no device (driver, memory) is no reason not to work at all.
      return openWebGpu(false, options).catch(() => openCpu());
    }
    default:
      throw choice satisfies never;
  }
}

export async function listDevices(): Promise<DeviceInfo[]> {
  const { adapter, failure } = await probeWebGpu();
  const isGpu = adapter !== null && !adapter.software;
  const cpu = await createCpuDevice();
  const name = cpu.description;
  await cpu.dispose();
  return [
    { id: 'cpu', name, available: true, note: null, preferred: !isGpu },
    {
      id: 'webgpu',
      name: adapter?.name ?? 'WebGPU',
      available: adapter !== null,
      note: webGpuNote(adapter, failure),
      preferred: isGpu,
    },
  ];
}

type WebGpuModule = typeof import('./webgpu/index.ts');
type Adapter = Awaited<ReturnType<WebGpuModule['probeWebGpu']>>;

/** Loaded when first wanted: an addon that does not load on this machine must not take the CPU with it. */
function loadWebGpu(): Promise<WebGpuModule> {
  return import('./webgpu/index.ts');
}

async function probeWebGpu(): Promise<{ adapter: Adapter; failure?: string }> {
  try {
    const { probeWebGpu: probe } = await loadWebGpu();
    return { adapter: await probe() };
  } catch (thrown) {
    return { adapter: null, failure: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function openWebGpu(software: boolean, options: GpuOptions): Promise<Device> {
  try {
    const { createWebGpuDevice } = await loadWebGpu();
    return await createWebGpuDevice({ software, ...options });
  } catch (cause) {
    if (cause instanceof EtalonError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EtalonError('device', `WebGPU cannot be used on this machine: ${why}`, {
      remedy: 'Choose the device "cpu" or "auto".',
      cause,
    });
  }
}

function webGpuNote(adapter: Adapter, failure: string | undefined): string | null {
  if (failure !== undefined) return `WebGPU could not be loaded: ${failure}`;
  if (!adapter) return 'No GPU was found.';
  return adapter.software ? 'A software adapter: right, but slower than the CPU device.' : null;
}
