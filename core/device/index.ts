export * from './open.ts';
export type * from './types.ts';
export { OnnxFile } from './cpu/onnxFile.ts';
