/** The part of the ONNX format (onnx.proto, IR version 10) that this project writes and reads. */
export interface OnnxModel {
  irVersion: number;
  producer: { name: string; version: string };
  doc: string;
  opsets: OnnxOpset[];
  metadata: Record<string, string>;
  graph: OnnxGraph;
}

export interface OnnxOpset {
  /** Empty for the standard operators. */
  domain: string;
  version: number;
}

export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}

export interface OnnxNode {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, OnnxAttribute>;
}

export type OnnxAttribute =
  | { kind: 'float'; value: number }
  | { kind: 'int'; value: number }
  | { kind: 'ints'; value: number[] }
  | { kind: 'string'; value: string };

export interface OnnxTensor {
  name: string;
  dims: number[];
  data: Float32Array | Int32Array | BigInt64Array;
}

export type OnnxElementType = 'f32' | 'i32' | 'i64';

export interface OnnxValue {
  name: string;
  type: OnnxElementType;
  /** A number, or the name of a size that may differ from run to run. */
  shape: (number | string)[];
  doc: string;
}
