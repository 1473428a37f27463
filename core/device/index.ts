export { createCpuDevice } from './cpu/index.ts';
export { OnnxFile } from './cpu/onnxFile.ts';
export * from './open.ts';
export { DevicePool, poolSize } from './pool/index.ts';
export { onDevice } from './recover.ts';
export type * from './types.ts';
