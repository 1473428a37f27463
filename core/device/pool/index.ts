export { DevicePool, poolSize } from './pool.ts';
