import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { EtalonError } from '../../base/index.ts';

/** Where Chromium and Debian's own package keep SwiftShader's Vulkan driver description. */
const SWIFTSHADER_PLACES = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/snap/chromium/current/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/usr/share/vulkan/icd.d/vk_swiftshader_icd.json',
];

/** glibc's RTLD_NODELETE, which Node does not name: the library stays loaded after the call that loaded it failed. */
const RTLD_NODELETE = 0x1000;

/**
 * Our kernels write workgroup memory before they read it. Zeroing it first costs time in every product, and SwiftShader, which
 * unrolls it, 1.6 s for each pipeline instead of 0.08 s.
 */
const NO_WORKGROUP_ZEROS = 'disable_workgroup_init';

/** Shows the features that Chromium still experiments with. */
const EXPERIMENTS = 'allow_unsafe_apis';

/** Time stamps are rounded to 100 µs against spying web pages; a kernel takes less. */
const EXACT_TIMES = 'disable-dawn-features=timestamp_quantization';

/** SwiftShader's driver description, if this machine has one. */
export function findSwiftShader(): string | undefined {
  const named = process.env.VK_ICD_FILENAMES;
  if (named?.includes('swiftshader') && existsSync(named)) return named;
  return SWIFTSHADER_PLACES.find((path) => existsSync(path));
}

/**
 * An adapter of the `webgpu` package's Dawn, and the GPU object that must outlive it. With `software`, SwiftShader's; it is
 * read from the process environment, so a worker thread needs `env: SHARE_ENV` or the variable set at start.
 * Null where there is none. Throws `device` when `software` is asked for and no driver is installed.
 */
export async function openDawn(
  software: boolean,
  experiments = false,
): Promise<{ gpu: GPU; adapter: GPUAdapter } | null> {
  const driver = software && process.platform === 'linux' ? requireSwiftShader() : undefined;
  // Dawn would say on the standard error stream what null says already.
  if (process.platform === 'linux' && !loadVulkan(driver)) return null;
  const { create } = await import('webgpu').catch((cause) => {
    throw new EtalonError('device', `The WebGPU library does not load on this system: ${messageOf(cause)}`, {
      remedy: 'Use the CPU: --device cpu.',
      cause,
    });
  });
  const before = process.env.VK_ICD_FILENAMES;
  if (driver) process.env.VK_ICD_FILENAMES = driver;
  try {
    const enabled = experiments ? [NO_WORKGROUP_ZEROS, EXPERIMENTS] : [NO_WORKGROUP_ZEROS];
    const gpu = create([`enable-dawn-features=${enabled.join()}`, EXACT_TIMES]);
    const adapter = await gpu.requestAdapter({ forceFallbackAdapter: software });
    return adapter && { gpu, adapter };
  } finally {
    if (before === undefined) delete process.env.VK_ICD_FILENAMES;
    else process.env.VK_ICD_FILENAMES = before;
  }
}

function requireSwiftShader(): string {
  const driver = findSwiftShader();
  if (driver) return driver;
  throw new EtalonError('device', 'There is no software WebGPU driver (SwiftShader) on this machine.', {
    remedy:
      'Install Chromium, which brings it (Debian: apt-get install chromium), or set VK_ICD_FILENAMES to a vk_swiftshader_icd.json.',
  });
}

/**
 * Loads the Vulkan loader, of the system or else the one that Chromium keeps beside SwiftShader, and tells whether there is one.
 * Dawn opens it by its name, `libvulkan.so.1`, for which it is enough that it is in the process. Node refuses it, not being
 * an addon, once it is loaded; that is all that is wanted.
 */
function loadVulkan(driver: string | undefined): boolean {
  const places = ['libvulkan.so.1'];
  if (driver) places.push(driver.replace(/[^/]+$/, 'libvulkan.so.1'));
  return places.some((place) => {
    try {
      process.dlopen({ exports: {} }, place, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
      return true;
    } catch (error) {
      return messageOf(error).includes('did not self-register');
    }
  });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
