import type { Program } from '../tensor/program.ts';
import { decodeModel } from './decode.ts';
import { encodeModel } from './encode.ts';
import { lowerProgram } from './lower.ts';
import type { OnnxGraph, OnnxValue } from './model.ts';

/** IR version and operator set that every ONNX Runtime since 1.17 reads. */
const IR_VERSION = 9;
const OPSET = 20;

export interface ModelFileInfo {
  /** What the file is, for people. */
  doc: string;
  /** Anything a reader needs to use the model: feature names, units, normalisation. */
  metadata: Readonly<Record<string, string>>;
  producer: { name: string; version: string };
}

export interface ExportOptions extends ModelFileInfo {
  /** Values of the inputs that are the model's own (parameters), row-major; written into the file. */
  parameters: Readonly<Record<string, Float32Array | Int32Array>>;
  /** What each input and output means, by name. */
  docs: Readonly<Record<string, string>>;
}

/**
 * A program as an ONNX file that any runtime runs: standard operators alone, plain index inputs (int32), symbolic
 * sizes by name, state entries taken as parameters and not given back.
 */
export function exportModel(program: Program, options: ExportOptions): Uint8Array {
  const { graph } = lowerProgram(
    { ...program, state: [] },
    { segmentSums: 'scatter', baked: options.parameters, docs: options.docs },
  );
  return encodeGraph(graph, options);
}

export function encodeGraph(graph: OnnxGraph, info: ModelFileInfo): Uint8Array {
  return encodeModel({
    irVersion: IR_VERSION,
    producer: info.producer,
    doc: info.doc,
    opsets: [{ domain: '', version: OPSET }],
    metadata: { ...info.metadata },
    graph,
  });
}

export interface OnnxFileInfo extends ModelFileInfo {
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}

/** What an exported file says about itself. Throws `input` when the bytes are no ONNX file. */
export function readOnnxMetadata(bytes: Uint8Array): OnnxFileInfo {
  const { doc, metadata, producer, graph } = decodeModel(bytes);
  return { doc, metadata, producer, inputs: graph.inputs, outputs: graph.outputs };
}
