import { create } from 'webgpu';
import { GpuContext } from '../../core/device/webgpu/context.ts';

/**
 * A device that computes nothing and has every feature, experimental ones too: it checks kernels whose features no
 * adapter at hand has as far as WGSL's and Dawn's rules go.
 */
export async function nullGpu(features: readonly string[]) {
  const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = (await gpu.requestAdapter())!;
  const requiredFeatures = features as GPUFeatureName[];
  const requiredLimits = { maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage };
  const handle = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  return { gpu, context: new GpuContext(handle, 'null') };
}
