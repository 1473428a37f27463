import { PbfReader } from 'pbf';
import { EtalonError } from '../base/index.ts';
import { ATTRIBUTE_TYPE_CODES, ELEMENT_TYPE_CODES } from './encode.ts';
import type {
  OnnxAttribute,
  OnnxElementType,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxValue,
} from './model.ts';

const ELEMENT_TYPES = byCode(ELEMENT_TYPE_CODES);
const ATTRIBUTE_KINDS = byCode(ATTRIBUTE_TYPE_CODES);

/**
 * Reads the ONNX files that {@link encodeModel} writes: float32, int32 and int64 tensors with raw data.
 * Throws `input` when the bytes are no such file.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model: OnnxModel = {
    irVersion: 0,
    producer: { name: '', version: '' },
    doc: '',
    opsets: [],
    metadata: {},
    graph: { name: '', nodes: [], initializers: [], inputs: [], outputs: [] },
  };
  try {
    new PbfReader(bytes).readFields(readModelField, model);
  } catch (cause) {
    throw cause instanceof EtalonError ? cause : unreadable('the bytes are no protocol buffer', cause);
  }
  if (model.irVersion === 0 || model.opsets.length === 0)
    throw unreadable('it has no IR version or no operator set');
  return model;
}

function unreadable(why: string, cause?: unknown): EtalonError {
  return new EtalonError('input', `Not a readable ONNX file: ${why}.`, {
    remedy: 'Give a file that was exported by this program.',
    cause,
  });
}

function readModelField(tag: number, model: OnnxModel, pbf: PbfReader): void {
  if (tag === 1) model.irVersion = pbf.readVarint();
  else if (tag === 2) model.producer.name = pbf.readString();
  else if (tag === 3) model.producer.version = pbf.readString();
  else if (tag === 6) model.doc = pbf.readString();
  else if (tag === 7) pbf.readMessage(readGraphField, model.graph);
  else if (tag === 8) {
    const opset: OnnxOpset = { domain: '', version: 0 };
    model.opsets.push(pbf.readMessage(readOpsetField, opset));
  } else if (tag === 14) {
    const entry = pbf.readMessage(readEntryField, { key: '', value: '' });
    model.metadata[entry.key] = entry.value;
  }
}

function readOpsetField(tag: number, opset: OnnxOpset, pbf: PbfReader): void {
  if (tag === 1) opset.domain = pbf.readString();
  else if (tag === 2) opset.version = pbf.readVarint();
}

function readEntryField(tag: number, entry: { key: string; value: string }, pbf: PbfReader): void {
  if (tag === 1) entry.key = pbf.readString();
  else if (tag === 2) entry.value = pbf.readString();
}

function readGraphField(tag: number, graph: OnnxGraph, pbf: PbfReader): void {
  if (tag === 1) {
    const node: OnnxNode = { op: '', inputs: [], outputs: [], attributes: {} };
    graph.nodes.push(pbf.readMessage(readNodeField, node));
  } else if (tag === 2) graph.name = pbf.readString();
  else if (tag === 5) graph.initializers.push(readTensor(pbf));
  else if (tag === 11) graph.inputs.push(readValue(pbf));
  else if (tag === 12) graph.outputs.push(readValue(pbf));
}

function readNodeField(tag: number, node: OnnxNode, pbf: PbfReader): void {
  if (tag === 1) node.inputs.push(pbf.readString());
  else if (tag === 2) node.outputs.push(pbf.readString());
  else if (tag === 4) node.op = pbf.readString();
  else if (tag === 5) {
    const raw = pbf.readMessage(readAttributeField, { name: '', type: 0, f: 0, i: 0, s: '', ints: [] });
    node.attributes[raw.name] = attribute(raw);
  }
}

interface RawAttribute {
  name: string;
  type: number;
  f: number;
  i: number;
  s: string;
  ints: number[];
}

function readAttributeField(tag: number, raw: RawAttribute, pbf: PbfReader): void {
  if (tag === 1) raw.name = pbf.readString();
  else if (tag === 2) raw.f = pbf.readFloat();
  else if (tag === 3) raw.i = pbf.readVarint(true);
  else if (tag === 4) raw.s = pbf.readString();
  else if (tag === 8) pbf.readPackedVarint(raw.ints, true);
  else if (tag === 20) raw.type = pbf.readVarint();
}

function attribute(raw: RawAttribute): OnnxAttribute {
  const kind = ATTRIBUTE_KINDS.get(raw.type);
  switch (kind) {
    case 'float':
      return { kind, value: raw.f };
    case 'int':
      return { kind, value: raw.i };
    case 'ints':
      return { kind, value: raw.ints };
    case 'string':
      return { kind, value: raw.s };
    case undefined:
      throw unreadable(`attribute "${raw.name}" has an unknown type`);
    default:
      throw kind satisfies never;
  }
}

function readTensor(pbf: PbfReader): OnnxTensor {
  const raw = { name: '', dims: [] as number[], type: 0, data: new Uint8Array(0) };
  pbf.readMessage((tag, target, reader) => {
    if (tag === 1) reader.readPackedVarint(target.dims);
    else if (tag === 2) target.type = reader.readVarint();
    else if (tag === 8) target.name = reader.readString();
    else if (tag === 9) target.data = new Uint8Array(reader.readBytes());
  }, raw);
  return { name: raw.name, dims: raw.dims, data: typedValues(elementType(raw.type), raw.data) };
}

function typedValues(type: OnnxElementType, { buffer }: Uint8Array<ArrayBuffer>): OnnxTensor['data'] {
  if (type === 'f32') return new Float32Array(buffer);
  return type === 'i32' ? new Int32Array(buffer) : new BigInt64Array(buffer);
}

function elementType(code: number): OnnxElementType {
  const type = ELEMENT_TYPES.get(code);
  if (!type) throw unreadable(`element type ${code} is not float32, int32 or int64`);
  return type;
}

function readValue(pbf: PbfReader): OnnxValue {
  const value: OnnxValue = { name: '', type: 'f32', shape: [], doc: '' };
  return pbf.readMessage((tag, target, reader) => {
    if (tag === 1) target.name = reader.readString();
    else if (tag === 2) reader.readMessage(readTypeField, target);
    else if (tag === 3) target.doc = reader.readString();
  }, value);
}

function readTypeField(tag: number, value: OnnxValue, pbf: PbfReader): void {
  if (tag === 1) pbf.readMessage(readTensorTypeField, value);
}

function readTensorTypeField(tag: number, value: OnnxValue, pbf: PbfReader): void {
  if (tag === 1) value.type = elementType(pbf.readVarint());
  else if (tag === 2) pbf.readMessage(readShapeField, value.shape);
}

function readShapeField(tag: number, shape: (number | string)[], pbf: PbfReader): void {
  if (tag !== 1) return;
  const dim = pbf.readMessage(
    (field, target: { value: number | string }, reader) => {
      if (field === 1) target.value = reader.readVarint();
      else if (field === 2) target.value = reader.readString();
    },
    { value: 0 as number | string },
  );
  shape.push(dim.value);
}

function byCode<K extends string>(codes: Record<K, number>): Map<number, K> {
  return new Map((Object.entries(codes) as [K, number][]).map(([name, code]) => [code, name]));
}
