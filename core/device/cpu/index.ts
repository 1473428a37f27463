export { type CpuDeviceOptions, createCpuDevice } from './cpuDevice.ts';
