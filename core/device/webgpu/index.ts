export { findSwiftShader } from './dawn.ts';
export { createWebGpuDevice, probeWebGpu, type WebGpuOptions } from './device.ts';
