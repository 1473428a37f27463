import { describe } from 'vitest';
import { createWebGpuDevice, findSwiftShader } from '../../core/device/webgpu/index.ts';
import { conformance } from '../support/deviceConformance.ts';

const missing = findSwiftShader() === undefined;

describe.skipIf(missing)(
  `WebGPU on SwiftShader${missing ? ': skipped, no vk_swiftshader_icd.json (install chromium)' : ''}`,
  () => {
    conformance('SwiftShader', () => createWebGpuDevice({ software: true }));
  },
);
