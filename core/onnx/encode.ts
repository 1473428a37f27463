import { PbfWriter } from 'pbf';
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

/** TensorProto.DataType */
export const ELEMENT_TYPE_CODES: Record<OnnxElementType, number> = { f32: 1, i32: 6, i64: 7 };
/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE_CODES: Record<OnnxAttribute['kind'], number> = {
  float: 1,
  int: 2,
  string: 3,
  ints: 7,
};

/** A model as protocol buffer bytes; field numbers as in onnx.proto. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, model.producer.name);
  pbf.writeStringField(3, model.producer.version);
  pbf.writeStringField(6, model.doc);
  pbf.writeMessage(7, writeGraph, model.graph);
  for (const opset of model.opsets) pbf.writeMessage(8, writeOpset, opset);
  for (const entry of Object.entries(model.metadata)) pbf.writeMessage(14, writeEntry, entry);
  return pbf.finish();
}

function writeOpset(opset: OnnxOpset, pbf: PbfWriter): void {
  pbf.writeStringField(1, opset.domain);
  pbf.writeVarintField(2, opset.version);
}

function writeEntry([key, value]: [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, output);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(4, node.op);
  for (const attribute of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, attribute]: [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  switch (attribute.kind) {
    case 'float':
      pbf.writeFloatField(2, attribute.value);
      break;
    case 'int':
      pbf.writeVarintField(3, attribute.value);
      break;
    case 'string':
      pbf.writeBytesField(4, new TextEncoder().encode(attribute.value));
      break;
    case 'ints':
      for (const value of attribute.value) pbf.writeVarintField(8, value);
      break;
    default:
      throw attribute satisfies never;
  }
  pbf.writeVarintField(20, ATTRIBUTE_TYPE_CODES[attribute.kind]);
}

function writeTensor(tensor: OnnxTensor, pbf: PbfWriter): void {
  for (const dim of tensor.dims) pbf.writeVarintField(1, dim);
  pbf.writeVarintField(2, ELEMENT_TYPE_CODES[elementType(tensor.data)]);
  pbf.writeStringField(8, tensor.name);
  // Raw data is little-endian by definition, as are typed arrays on every machine this runs on.
  pbf.writeBytesField(9, new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
}

function elementType(data: OnnxTensor['data']): OnnxElementType {
  if (data instanceof Float32Array) return 'f32';
  return data instanceof Int32Array ? 'i32' : 'i64';
}

function writeValue(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
  pbf.writeStringField(3, value.doc);
}

function writeType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeVarintField(1, ELEMENT_TYPE_CODES[value.type]);
  pbf.writeMessage(2, writeShape, value.shape);
}

function writeShape(shape: readonly (number | string)[], pbf: PbfWriter): void {
  for (const dim of shape) pbf.writeMessage(1, writeDim, dim);
}

function writeDim(dim: number | string, pbf: PbfWriter): void {
  if (typeof dim === 'number') pbf.writeVarintField(1, dim);
  else pbf.writeStringField(2, dim);
}
