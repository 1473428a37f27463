export { type CpuDeviceOptions, createCpuDevice } from './cpuDevice.ts';
export { OnnxFile } from './onnxFile.ts';
