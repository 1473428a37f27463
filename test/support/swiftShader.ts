import { findSwiftShader } from '../../core/device/webgpu/index.ts';

/** Tests on the software GPU are skipped where its driver is missing; the reason goes into their title. */
export const noSwiftShader = findSwiftShader() === undefined;
export const skipNote = noSwiftShader ? ' (skipped: no vk_swiftshader_icd.json, install chromium)' : '';
