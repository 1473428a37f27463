export { OnnxFile } from './cpu/onnxFile.ts';
export * from './open.ts';
export type * from './types.ts';
