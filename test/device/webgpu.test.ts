import { describe } from 'vitest';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { conformance } from '../support/deviceConformance.ts';
import { WEBGPU_SEEDS } from '../support/randomProgram.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

describe.skipIf(noSwiftShader)(`WebGPU${skipNote}`, () => {
  conformance('SwiftShader', () => createWebGpuDevice({ software: true }), WEBGPU_SEEDS);
});
